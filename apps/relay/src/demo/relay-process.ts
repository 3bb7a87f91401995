import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { asId, pathIdOf, Secret, systemClock } from '@stopgap/core';
import type { StatusDocument } from '@stopgap/http-api';
import type { QueueEntry } from '@stopgap/outbox';
import { createGuard, DEFAULT_SMTP_TIMEOUTS, SmtpConnection } from '@stopgap/upstreams';
import type { PracticeAccount, PracticeProvider } from './practice-provider.ts';

const PROGRAM = resolve(import.meta.dirname, '../stopgap.mjs');
const READY_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** The relay of the demo: a process of its own, so that it can really be killed. */
export interface RelayProcess {
  readonly submissionPort: number;
  readonly pid: number;
  /** SIGKILL: no clean-up of any kind. */
  kill(): Promise<void>;
  /** SIGTERM, and until it has ended. */
  stop(): Promise<void>;
}

export interface DemoFiles {
  readonly directory: string;
  readonly configFile: string;
  readonly ports: { readonly submission: number; readonly submissions: number; readonly http: number };
}

export async function writeDemoFiles(directory: string, provider: PracticeProvider): Promise<DemoFiles> {
  const ports = { submission: await freePort(), submissions: await freePort(), http: await freePort() };
  const webmail = { kind: 'roundcube', url: provider.webmailUrl };
  const smtp = { kind: 'smtp', host: '127.0.0.1', port: provider.smtpPort, security: 'none' };
  const at = (port: number) => `127.0.0.1:${port}`;
  const config = {
    hostname: 'relay.demo.test',
    data: join(directory, 'data'),
    listen: {
      submission: at(ports.submission),
      submissions: at(ports.submissions),
      http: at(ports.http),
      imap: false,
      imaps: false,
      pop3: false,
      pop3s: false,
    },
    allowPrivateUpstreams: true,
    retry: { first: '1s', longest: '3s' },
    unsure: { settle: '3s', retries: 3 },
    providers: [
      { name: 'practice', domains: ['demo.test'], incoming: [webmail], outgoing: [smtp, webmail], probe: { every: '1s', timeout: '2s' } },
    ],
    log: { format: 'json' },
  };
  const configFile = join(directory, 'stopgap.yaml');
  await writeFile(configFile, JSON.stringify(config, null, 2));
  return { directory, configFile, ports };
}

/** Resolves when its doors are open. It ends with this process, whatever happens. */
export async function startRelayProcess(files: DemoFiles, signal: AbortSignal): Promise<RelayProcess> {
  // A process group of its own: Ctrl-C at the terminal ends the demo, and the demo ends the relay.
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--config', files.configFile], { stdio: 'ignore', detached: true });
  const killIt = () => void child.kill('SIGKILL');
  process.once('exit', killIt);
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      process.off('exit', killIt);
      done();
    });
  });
  const end = async (how: 'SIGKILL' | 'SIGTERM') => {
    child.kill(how);
    await ended;
  };
  try {
    await waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error('The relay of the demo ended at its start.');
        return (await fetch(`http://127.0.0.1:${files.ports.http}/readyz`).catch(() => undefined))?.ok === true;
      },
      { limitMs: READY_MS, signal },
    );
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { submissionPort: files.ports.submission, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

export async function queueOf(files: DemoFiles): Promise<QueueEntry[]> {
  const child = spawn(process.execPath, [PROGRAM, 'queue', 'list', '--json', '--config', files.configFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text) as QueueEntry[];
}

/** Does the relay say so of the practice provider's way out? */
export async function isUp(files: DemoFiles, kind: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${files.ports.http}/status.json`);
  const { providers } = (await answer.json()) as StatusDocument;
  return providers[0]?.paths.some((path) => path.direction === 'outgoing' && path.kind === kind && path.state === 'up') === true;
}

/** Sends as a mail program does: STARTTLS, log-in, one message. Answers with the relay's words. */
export async function sendAs(
  sender: PracticeAccount,
  mail: { readonly to: string; readonly subject: string },
  { files, signal: ended }: { readonly files: DemoFiles; readonly signal: AbortSignal },
): Promise<string> {
  const guard = createGuard({ allowPrivate: true });
  const ca = await readFile(join(files.directory, 'data', 'self-signed.cert.pem'), 'utf8');
  const signal = AbortSignal.any([ended, AbortSignal.timeout(READY_MS)]);
  const path = {
    kind: 'smtp' as const,
    id: pathIdOf('demo', 'outgoing', 'smtp', 'relay'),
    provider: asId.provider('demo'),
    direction: 'outgoing' as const,
    host: '127.0.0.1',
    port: files.ports.submission,
    security: 'starttls' as const,
    ca,
    connections: 1,
  };
  const connection = await SmtpConnection.open({ path, guard, heloName: 'laptop.demo.test', timeouts: DEFAULT_SMTP_TIMEOUTS }, signal);
  try {
    await connection.logIn({ username: sender.address, password: new Secret(sender.password) });
    const raw = Buffer.from(
      `From: <${sender.address}>\r\nTo: <${mail.to}>\r\nSubject: ${mail.subject}\r\n\r\n${mail.subject}, sent at ${new Date().toISOString()}\r\n`,
    );
    const id = asId.recipient(1);
    const { outcomes } = await connection.send(
      {
        envelope: { from: sender.address, smtpUtf8: false, eightBitMime: false, sizeBytes: raw.length },
        recipients: [{ id, address: mail.to }],
        async *open() {
          yield raw;
        },
        mark: async () => undefined,
      },
      signal,
    );
    const outcome = outcomes.get(id);
    if (outcome?.kind !== 'delivered') throw new Error(`the relay did not take the message: ${outcome?.reason.text ?? 'no answer'}`);
    return outcome.reply;
  } finally {
    connection.quit();
  }
}

/** @throws when `limitMs` has passed, and when `signal` aborts */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const untilMs = systemClock.nowMs() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    if (await check()) return;
    if (systemClock.nowMs() > untilMs) throw new Error(`The demo waited ${limitMs / 1000} s in vain.`);
    await systemClock.wait(LOOK_EVERY_MS, signal);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
