/*
 * Programs that leave mail on the server and know it by its UIDL: a first fetch, changes by others, a second one. (fetchmail does so in foreign-clients.test.)
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDeliveryProgram } from '../../lab/delivery-program.ts';
import { DoorForDialogs, LETTERS, passwordOf } from './door-for-dialogs.ts';

const run = promisify(execFile);
const isThere = (program: string, ...args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );
const USER = 'alice@a.test';

interface Place {
  readonly home: string;
  readonly caFile: string;
  readonly port: number;
}
/** Returns what it got and had not got before. */
type Fetch = () => Promise<readonly string[]>;

const PROGRAMS: readonly (readonly [string, boolean, (place: Place) => Promise<Fetch>])[] = [
  ["Python's poplib", await isThere('python3', '-c', 'import poplib'), withPoplib],
  ['curl', await isThere('curl', '--version'), withCurl],
  ['getmail', await isThere('getmail', '--version'), withGetmail],
];

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stopgap-pop3-again-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test.each(PROGRAMS.filter(([, has]) => has))(
  '%s fetches each message once, byte for byte, whatever others do meanwhile',
  async (name, _, start) => {
    await using open = await DoorForDialogs.open({ plaintextAuth: 'never' });
    const place = {
      home: await mkdtemp(join(home, 'program-')),
      caFile: join(home, `${name.replaceAll(/\W/g, '')}.pem`),
      port: open.port('pop3s'),
    };
    await writeFile(place.caFile, open.certificate);
    const fetch = await start(place);
    const fetched = async (): Promise<string[]> => (await fetch()).map(asSent).toSorted();
    const sent = (letters: readonly Buffer[]): string[] => letters.map((letter) => asSent(letter.toString())).toSorted();
    expect(await fetched()).toEqual(sent(LETTERS));
    expect(await fetched()).toEqual([]);
    const fresh = [Buffer.from('Subject: new\r\n\r\n.\r\nnew\r\n'), Buffer.from('Subject: newer\r\n\r\nnewer\r\n')];
    await open.fill(USER, fresh);
    await open.putAway(USER, 2);
    expect(await fetched()).toEqual(sent(fresh));
    expect(await fetched()).toEqual([]);
    expect([open.countIn(USER, 'Trash'), open.intentsOf(USER)]).toEqual([0, []]);
  },
);

async function withPoplib({ home: place, caFile, port }: Place): Promise<Fetch> {
  const script = join(place, 'fetch.py');
  await writeFile(
    script,
    `
import json, poplib, ssl, sys
port, ca, password, known = int(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
box = poplib.POP3_SSL('localhost', port, context=ssl.create_default_context(cafile=ca))
box.user('${USER}'); box.pass_(password)
ids = dict(reversed(line.decode().split()) for line in box.uidl()[1])
print(json.dumps({uidl: b''.join(line + b'\\r\\n' for line in box.retr(int(n))[1]).decode() for uidl, n in ids.items() if uidl not in known}))
box.quit()
`,
  );
  const known: string[] = [];
  return async () => {
    const { stdout } = await run('python3', [script, String(port), caFile, passwordOf(USER), JSON.stringify(known)]);
    const found = JSON.parse(stdout) as Readonly<Record<string, string>>;
    known.push(...Object.keys(found));
    return Object.values(found);
  };
}

async function withCurl({ caFile, port }: Place): Promise<Fetch> {
  const known = new Set<string>();
  const curl = async (...args: readonly string[]): Promise<string> =>
    (await run('curl', ['-sS', '--cacert', caFile, '--user', `${USER}:${passwordOf(USER)}`, ...args])).stdout;
  const url = `pop3s://localhost:${port}/`;
  return async () => {
    const mails: string[] = [];
    for (const [, number = '', uidl = ''] of (await curl('-X', 'UIDL', url)).matchAll(/^(\d+) (\S+)\r$/gm)) {
      if (known.has(uidl)) continue;
      known.add(uidl);
      mails.push(await curl(url + number));
    }
    return mails;
  };
}

async function withGetmail({ home: place, caFile, port }: Place): Promise<Fetch> {
  const { mail, deliver } = await makeDeliveryProgram(place, { forGetmail: true });
  await writeFile(
    join(place, 'getmailrc'),
    `[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = ${port}
username = ${USER}
password = ${passwordOf(USER)}
ca_certs = ${caFile}
[destination]
type = MDA_external
path = ${deliver}
allow_root_commands = true
unixfrom = false
[options]
read_all = false
delivered_to = false
received = false
`,
    { mode: 0o600 },
  );
  const seen = new Set<string>();
  return async () => {
    await run('getmail', ['--getmaildir', place]);
    const fresh = (await readdir(mail)).filter((name) => !seen.has(name));
    for (const name of fresh) seen.add(name);
    return await Promise.all(fresh.map((name) => readFile(join(mail, name), 'utf8')));
  };
}

/** Line ends are the programs' own, and getmail puts a field of its own in front. */
function asSent(mail: string): string {
  return mail
    .replaceAll('\r\n', '\n')
    .replace(/^Return-Path: .*\n/, '')
    .trimEnd();
}
