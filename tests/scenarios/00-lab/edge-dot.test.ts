import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sendMail, startLab, until } from '../../lab/index.ts';
import type { DoorName, Lab } from '../../lab/index.ts';
import { DotScanner } from '../../lab/edge/dot-scanner.ts';
import { copiesOf, letter, sendAsAlice } from './letters.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix'] });
});
afterEach(() => lab.edge.set('all', { mode: 'pass' }));
afterAll(() => lab?.stop());

const connectionLost = { stage: 'dot', code: undefined };

function send(door: DoorName, raw: Buffer): Promise<string> {
  if (door !== 'smtp') return sendAsAlice(lab, door, { to: ['bob@provider.test'], raw });
  const { smtp: port } = lab.edge.ports;
  return sendMail({ port, caFile: lab.caFile, security: 'none', from: 'xenia@outside.test', to: ['bob@provider.test'], raw });
}

describe.each(['submission', 'smtps', 'smtp'] as const)('a connection to %s that dies at the final dot', (door) => {
  test('leaves the message delivered, and the client without an answer', async () => {
    const raw = letter(`told-nothing-${door}`);
    await lab.edge.set(door, { mode: 'cutAfterDot', delivered: true, times: 1 });
    await expect(send(door, raw)).rejects.toMatchObject(connectionLost);
    await until('bob has it', async () => copiesOf(raw, await lab.inbox('bob')).length === 1);
    await send(door, raw);
    await until('bob has it twice', async () => copiesOf(raw, await lab.inbox('bob')).length === 2);
  });

  test('leaves nothing delivered when it dies before the dot got through', async () => {
    const raw = letter(`nothing-came-${door}`, 200_000);
    await lab.edge.set(door, { mode: 'cutAfterDot', delivered: false, times: 2 });
    await expect(send(door, raw)).rejects.toMatchObject(connectionLost);
    await expect(send(door, raw)).rejects.toMatchObject(connectionLost);
    expect(lab.edge.state(door).struck).toBe(2);
    await send(door, raw);
    await until('the third one arrives', async () => copiesOf(raw, await lab.inbox('bob')).length > 0);
    expect(copiesOf(raw, await lab.inbox('bob'))).toHaveLength(1);
  });
});

test('swaks meets the same at STARTTLS, AUTH and the dot', async () => {
  const raw = letter('swaks');
  const file = join(lab.dir, 'letter.eml');
  writeFileSync(file, raw);
  const swaks = (): Promise<{ failed: boolean; dialog: string }> =>
    new Promise((resolve) => {
      const login = ['--tls', '--auth', 'LOGIN', '--auth-user', 'alice', '--auth-password', lab.password('alice')];
      const mail = ['--from', 'alice@provider.test', '--to', 'bob@provider.test', '--data', `@${file}`];
      const server = ['--server', '127.0.0.1', '--port', String(lab.edge.ports.submission), '--timeout', '20'];
      execFile('swaks', [...server, ...login, ...mail], (error, stdout) => resolve({ failed: error !== null, dialog: stdout }));
    });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
  const cut = await swaks();
  expect(cut.dialog).toContain('TLS started');
  expect(cut.dialog).toContain('235 2.7.0');
  expect(cut.failed).toBe(true);
  await until('bob has it', async () => withId('<swaks@client.test>', await lab.inbox('bob')).length === 1);
  expect(await swaks()).toMatchObject({ failed: false });
  await until('bob has it twice', async () => withId('<swaks@client.test>', await lab.inbox('bob')).length === 2);
});

test('the final dot is found however the bytes are cut, and no part of it is passed on early', () => {
  const body = '..\r\n.\n\r\n\r.\r\nx\r\n..\r\n.x\r\n';
  for (const text of [`${body}.\r\nNEXT`, '.\r\nNEXT', '\r\n.\r\nNEXT']) {
    const bytes = Buffer.from(text);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(scan(pieces)).toEqual({ body: text.slice(0, text.indexOf('.\r\nNEXT')), rest: 'NEXT' });
      }
    }
  }
});

function scan(pieces: readonly Buffer[]): { body: string; rest: string } {
  const scanner = new DotScanner();
  let body = '';
  for (const [index, piece] of pieces.entries()) {
    const found = scanner.push(piece);
    body += found.body.toString();
    if (found.ended) return { body, rest: Buffer.concat([found.rest, ...pieces.slice(index + 1)]).toString() };
  }
  return { body, rest: 'no end' };
}

function withId(id: string, stored: readonly Buffer[]): Buffer[] {
  return stored.filter((message) => message.includes(id));
}
