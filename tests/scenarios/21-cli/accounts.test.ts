import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until, type Lab } from '../../lab/index.ts';
import type { Relay } from '../../relay/index.ts';
import { sentenceOf, startWorld, type World } from './world.ts';

interface AccountEntry {
  readonly address: string;
  readonly provider: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: string;
}

let world: World;
let lab: Lab;
let relay: Relay;

beforeAll(async () => {
  world = await startWorld();
  ({ lab, relay } = world);
});

afterEach(() => lab?.edge.set('all', { mode: 'pass' }));

afterAll(() => world?.[Symbol.asyncDispose]());

const accounts = () => relay.json<AccountEntry[]>(['account', 'list']);
const stateOf = async (user: string) => (await accounts()).find((one) => one.address === lab.address(user))?.state;
const remove = (user: string) => relay.cli(['account', 'remove', lab.address(user)]);
const file = async (name: string, content: string): Promise<string> => {
  const path = join(relay.dataDir, '..', name);
  await writeFile(path, content);
  return path;
};

describe('account add', () => {
  afterEach(() => remove('carol'));

  test('takes the password from standard input, and asks the provider', async () => {
    const { code, stdout, stderr } = await relay.cli(
      ['account', 'add', lab.address('carol'), '--name', 'Carol'],
      `${lab.password('carol')}\n`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('the password was checked');
    expect(await accounts()).toEqual([
      {
        address: lab.address('carol'),
        provider: 'lab',
        name: 'Carol',
        state: 'active',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      },
    ]);
  });

  test('takes the password from a file, and the next path answers when the first one is down', async () => {
    await lab.edge.set('imaps', { mode: 'refuse' });
    const passwordFile = await file('carol.password', `${lab.password('carol')}\n`);
    const { code, stdout } = await relay.cli(['account', 'add', lab.address('carol'), '--password-file', passwordFile]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('the password was checked') as string });
    expect(await stateOf('carol')).toBe('active');
  });

  test('refuses a wrong password', async () => {
    const sentence = sentenceOf(await relay.cli(['account', 'add', lab.address('carol')], 'wrong\n'));
    expect(sentence).toMatch(/carol@provider\.test: the provider refuses this password/);
    expect(await stateOf('carol')).toBeUndefined();
  });

  test('says what to do when every path is down; kept unverified, the first log-in makes it active', async () => {
    await lab.edge.set('all', { mode: 'refuse' });
    const add = (...more: string[]) => relay.cli(['account', 'add', lab.address('alice'), ...more], lab.password('alice'));
    expect(sentenceOf(await add())).toMatch(/no path could check the password now .*--unverified/);
    expect(await stateOf('alice')).toBeUndefined();
    expect(await add('--unverified')).toMatchObject({ code: 0, stdout: expect.stringContaining('pending') as string });
    expect(await stateOf('alice')).toBe('pending');
    await lab.edge.set('all', { mode: 'pass' });
    await until('alice may send', () =>
      world.send('first').then(
        () => true,
        () => false,
      ),
    );
    expect(await stateOf('alice')).toBe('active');
  });

  test.each([
    ['an address of nobody we know', 'x@elsewhere.test', /belongs to no provider/],
    ['a password file that is not there', '', /can not be read: there is no such file/],
  ])('%s is told in a sentence', async (_name, address, words) => {
    const args = address === '' ? [lab.address('carol'), '--password-file', '/nowhere'] : [address];
    expect(sentenceOf(await relay.cli(['account', 'add', ...args], 'x'))).toMatch(words);
  });
});

test('account import adds the good rows, tells the bad ones, and fails', async () => {
  const path = await file(
    'staff.csv',
    [
      'address;password;name',
      `${lab.address('bob')};${lab.password('bob')};Bob`,
      `${lab.address('carol')};wrong;Carol`,
      'not an address;x',
      'x@elsewhere.test;x',
      `${lab.address('dave')};"${lab.password('dave')}";"Dave ""D"" D."`,
      `${lab.address('carol')};`,
    ].join('\r\n'),
  );
  const { code, stdout, stderr } = await relay.cli(['account', 'import', path]);
  expect(code).toBe(1);
  expect(stdout.match(/added; the password was checked/g)).toHaveLength(2);
  for (const words of ['refuses this password', '"not an address"', 'x@elsewhere.test belongs to no provider', 'has no password']) {
    expect(stderr).toContain(words);
  }
  expect(stderr).toContain('4 of 6 accounts not added');
  const names = new Map((await accounts()).map((one) => [one.address, one.name]));
  expect(names.get(lab.address('bob'))).toBe('Bob');
  expect(names.get(lab.address('dave'))).toBe('Dave "D" D.');
  expect(names.has(lab.address('carol'))).toBe(false);
  const list = await relay.cli(['account', 'list']);
  expect(list.stdout).toMatch(/^ADDRESS +PROVIDER +STATE +CREATED \(UTC\) +NAME\n/);
  expect(list.stdout).toContain(lab.address('bob'));
});

test('account remove removes, once', async () => {
  await relay.cli(['account', 'add', lab.address('carol')], lab.password('carol'));
  expect(await remove('carol')).toMatchObject({ code: 0, stdout: `${lab.address('carol')} removed.\n` });
  expect(sentenceOf(await remove('carol'))).toContain('There is no account');
});
