import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../apps/relay/src/stopgap.mjs');
const PLAY_MS = 100_000;
const WAIT_MS = 60_000;
/** The standard ports may be somebody else's. */
const LISTEN = { submission: false, submissions: false, imap: '127.0.0.1:0', imaps: false, pop3: false, pop3s: false, http: '127.0.0.1:0' };

let temp: string;
/** What a test that fails leaves running. */
const started: ChildProcess[] = [];

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'stopgap-demo-test-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGTERM');
  await rm(temp, { recursive: true, force: true });
});

interface Play {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly text: () => string;
}

/** The demo with a temporary directory of its own, so that what it leaves behind can be told from other people's. */
function play(args: readonly string[]): Play {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temp } });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((done) => {
    child.once('close', done);
  });
  return { child, ended, text: () => text };
}

/** Processes that were started with something in our temporary directory. */
async function leftOver(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(temp)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** The compile cache of Node is meant to stay. */
async function leftFiles(): Promise<string[]> {
  return (await readdir(temp)).filter((name) => name !== 'node-compile-cache');
}

test(
  'it plays an outage to its good end and leaves nothing behind',
  async () => {
    const { ended, text } = play(['demo', '--play']);
    expect(await ended, text()).toBe(0);
    expect(text()).toContain('Four sent, four arrived, each once.');
    expect(await leftOver()).toEqual([]);
    expect(await leftFiles()).toEqual([]);
  },
  PLAY_MS,
);

test.each([
  ['SIGINT', ['demo', '--play']],
  ['SIGTERM', ['serve', '--demo', '--play']],
] as const)(
  '%s in the middle of the play ends it at once, with its relay and its directory: %j',
  async (signal, args) => {
    const { child, ended, text } = play(args);
    await until('the play has begun', () => text().includes('\n2. '), PLAY_MS);
    expect((await leftOver()).length).toBeGreaterThan(0);
    child.kill(signal);
    expect(await ended, text()).toBe(0);
    expect(text()).toContain('Ended early');
    expect(text()).not.toContain('Four sent');
    expect(await leftOver()).toEqual([]);
    expect(await leftFiles()).toEqual([]);
  },
  PLAY_MS,
);

test(
  'without --play it serves, with mail in both mailboxes, breaks and heals on request, and leaves nothing behind',
  async () => {
    const file = join(temp, 'ports.yaml');
    await writeFile(file, `listen: ${JSON.stringify(LISTEN)}\n`);
    const { child, ended, text } = play(['serve', '--demo', '--config', file]);
    const address = (): string | undefined => {
      if (child.exitCode !== null) throw new Error(text());
      return /Open +(http:\S+)\/$/m.exec(text())?.[1];
    };
    const origin = await until('its doors are open', address, WAIT_MS);
    const states = async () => {
      const { providers } = (await (await fetch(`${origin}/status.json`)).json()) as StatusDocument;
      return providers[0]?.paths.map(({ direction, kind, state }) => `${direction} ${kind} ${state}`) ?? [];
    };
    const ask = async (outage: boolean): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${origin}/demo/outage`, { method: 'POST', headers, body: JSON.stringify({ outage }) })).json();
    };
    expect(text()).toContain('anna@demo.test, password practice-anna');
    for (const who of ['anna', 'ben']) await until(`the mail of ${who} is here`, async () => (await inboxOf(origin, who)) > 60, WAIT_MS);
    expect(await ask(true)).toMatchObject({ outage: true, down: ['smtp', 'imap'] });
    await until('both are down, and the webmail is not', async () => (await states()).join() === OUTAGE, WAIT_MS);
    expect(await ask(false)).toMatchObject({ outage: false, down: [] });
    await until('all is well', async () => (await states()).every((state) => state.endsWith(' up')), WAIT_MS);
    child.kill('SIGTERM');
    expect(await ended, text()).toBe(0);
    expect(await leftOver()).toEqual([]);
    expect(await leftFiles()).toEqual(['ports.yaml']);
  },
  5 * WAIT_MS,
);

const OUTAGE = 'incoming imap down,incoming roundcube up,outgoing smtp down,outgoing roundcube up';

interface StatusDocument {
  readonly providers: readonly {
    readonly paths: readonly { readonly direction: string; readonly kind: string; readonly state: string }[];
  }[];
}

/** How many messages JMAP finds in it. */
async function inboxOf(origin: string, who: string): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${who}@demo.test:practice-${who}`).toString('base64')}`;
  const session = await fetch(`${origin}/.well-known/jmap`, { headers: { authorization } });
  const { primaryAccounts } = (await session.json()) as { readonly primaryAccounts: Readonly<Record<string, string>> };
  const accountId = primaryAccounts['urn:ietf:params:jmap:mail'];
  const body = JSON.stringify({
    using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'],
    methodCalls: [['Mailbox/get', { accountId, ids: null }, '0']],
  });
  const answer = await fetch(`${origin}/jmap/api`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body,
  });
  const { methodResponses } = (await answer.json()) as {
    readonly methodResponses: readonly [
      string,
      { readonly list: readonly { readonly role: string | null; readonly totalEmails: number }[] },
    ][];
  };
  return methodResponses[0]?.[1].list.find(({ role }) => role === 'inbox')?.totalEmails ?? 0;
}
