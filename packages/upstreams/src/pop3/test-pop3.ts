import { asId, MailError, Secret, systemClock, type HostPath, type IncomingSession, type RemoteMessageId } from '@stopgap/core';
import { makeCertificate, startHostilePop3, type HostilePop3, type HostilePop3Options, type Letter } from '@stopgap/testkit';
import { afterEach, expect } from 'vitest';
import { createGuard, createUpstreams } from '../index.ts';

const HOST = 'mail.provider.test';
export const INBOX = asId.remoteMailbox('INBOX');
/** Nobody aborts. */
export const CALM = new AbortController().signal;
export const SINCE = { known: new Set<RemoteMessageId>() };
export const certificate = makeCertificate({ name: HOST });
const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** A server, and log-ins to it; both are gone after the test. */
export async function start(options: HostilePop3Options, security: HostPath['security'] = 'none') {
  const server = await startHostilePop3(options);
  opened.push(server);
  const { pop3 } = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });
  const base = { provider: asId.provider('test'), direction: 'incoming', connections: 5, id: asId.path('test') } as const;
  const path: HostPath = { ...base, kind: 'pop3', host: HOST, port: server.port, security, ca: (await certificate).cert };
  const open = async (signal = CALM): Promise<IncomingSession> => {
    const session = await pop3.open?.(path, async () => ({ username: 'alice', password: new Secret('hunter2') }), signal);
    if (session === undefined) throw new Error('it can not be read');
    opened.push({ [Symbol.asyncDispose]: () => session.close() });
    return session;
  };
  return { server, open };
}

export function letter(uidl: string, text = `Subject: ${uidl}\r\n\r\nhello\r\n`): Letter {
  return { uidl, bytes: Buffer.from(text, 'latin1') };
}

export const three = [letter('a'), letter('b'), letter('c')];

export async function idsOf(session: IncomingSession): Promise<readonly RemoteMessageId[]> {
  const listing = await session.changes(INBOX, SINCE, CALM);
  return listing.kind === 'full' ? listing.messages.map(({ id }) => id) : [];
}

export async function fetchAll(session: IncomingSession, ids: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const message of session.fetch(INBOX, ids.map(asId.remoteMessage), CALM)) {
    const chunks: Buffer[] = [];
    for await (const chunk of message.bytes) chunks.push(chunk);
    found[message.id] = Buffer.concat(chunks).toString('latin1');
  }
  return found;
}

/** Kind and code of the MailError, with a reason, that a call must end in. */
export async function codeOf(call: () => Promise<unknown>): Promise<string> {
  const error: unknown = await call().then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailError)) throw new Error('no MailError', { cause: error });
  expect(error.reason?.text).toBeTruthy();
  return `${error.kind} ${error.code}`;
}

export const said = (server: HostilePop3) => server.talks.flatMap(({ commands }) => commands);
