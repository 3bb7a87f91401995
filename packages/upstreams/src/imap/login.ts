import { isIP } from 'node:net';
import { messageOf, type HostPath, type LoginCredential, type LoginVerdict, type Reason } from '@stopgap/core';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { unechoed } from '../net/unechoed.ts';

export const CONNECT_MS = 30_000;
export const GREETING_MS = 30_000;
/** Tried one after the other: a name with IPv6 where this machine has none must not look like a server that is down. */
const MOST_ADDRESSES = 3;
/** RFC 2971: who we are, for a provider's log; nothing of the library's. */
const CLIENT_INFO = { name: 'stopgap', version: false, vendor: false, 'support-url': false } as const;
/** RFC 5530: only these two speak of the credential. */
const CREDENTIAL_CODES: ReadonlySet<string> = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED']);

export interface Login {
  readonly path: HostPath;
  readonly credential: LoginCredential;
  readonly guard: Guard;
  readonly signal: AbortSignal;
  readonly options?: ImapFlowOptions;
}

/** The last verdict; `accepted` brings the client, which is the caller's to close and has a listener for its errors. */
export type LoginEnd = { readonly verdict: LoginVerdict; readonly client?: ImapFlow };

/** Logs in at the first address that answers. Never rejects. */
export async function logIn(login: Login): Promise<LoginEnd> {
  const { host } = login.path;
  let end: LoginEnd = { verdict: { kind: 'undecided', reason: { class: 'connect', text: `${host} has no address`, host } } };
  try {
    for (const address of await checkedAddresses(host, login.guard)) {
      end = await logInAt(address, login);
      const { verdict } = end;
      if (verdict.kind !== 'undecided' || verdict.reason.class !== 'connect') break;
    }
  } catch (error) {
    return { verdict: { kind: 'undecided', reason: reasonOfNetworkError(error, host) } };
  }
  return end;
}

async function logInAt(address: string, { path, credential, guard, signal, options }: Login): Promise<LoginEnd> {
  const client = new ImapFlow({
    // The address that was checked, under the name that the certificate must carry.
    host: address,
    ...(isIP(path.host) === 0 ? { servername: path.host } : {}),
    port: path.port,
    secure: path.security === 'tls',
    // Required, not merely tried: a stripped STARTTLS must not bring the password out in clear.
    ...(path.security === 'tls' ? {} : { doSTARTTLS: path.security === 'starttls' }),
    auth: { user: credential.username, pass: credential.password.open() },
    tls: { secureContext: guard.trust(path.ca) },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    logger: false,
    clientInfo: CLIENT_INFO,
    ...options,
  });
  // Before connect: an error event without a listener would end the process.
  client.on('error', () => undefined);
  const abort = () => client.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    // A server that greets with PREAUTH has logged in somebody, and nobody knows whom. imapflow keeps the words of every other greeting.
    if (client.greeting === undefined) throw new Error('it took us for somebody without a log-in (PREAUTH)');
    return { verdict: { kind: 'accepted' }, client };
  } catch (error) {
    client.close();
    return { verdict: verdictOf(error, path.host, credential) };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** imapflow has no look-up of its own to hand in, so the name is looked up, and checked, before. */
function checkedAddresses(host: string, guard: Guard): Promise<readonly string[]> {
  guard.checkLiteral(host);
  if (isIP(host) !== 0) return Promise.resolve([host]);
  return new Promise((resolve, reject) => {
    guard.lookup(host, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve((typeof found === 'string' ? [found] : found.map(({ address }) => address)).slice(0, MOST_ADDRESSES));
    });
  });
}

function verdictOf(error: unknown, host: string, credential: LoginCredential): LoginVerdict {
  const isAuthFailure = error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
  if (!isAuthFailure) return { kind: 'undecided', reason: reasonOfNetworkError(error, host) };
  const code = 'serverResponseCode' in error && typeof error.serverResponseCode === 'string' ? error.serverResponseCode.toUpperCase() : '';
  const said = 'responseText' in error && typeof error.responseText === 'string' ? error.responseText : messageOf(error);
  const reason: Reason = { class: 'auth', text: `${host} said: ${unechoed(said, credential)}`, host };
  // Without a code it is a plain NO; old servers say nothing more to a wrong password, so it is believed only when it says so.
  const isRefused =
    CREDENTIAL_CODES.has(code) ||
    (code === '' && /authenticat|invalid (?:credentials|user|login|password)|login (?:failed|incorrect)/i.test(said));
  return { kind: isRefused ? 'refused' : 'undecided', reason };
}
