import { isIP } from 'node:net';
import {
  messageOf,
  type HostPath,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type ProbeResult,
  type Reason,
  type Upstream,
} from '@stopgap/core';
import { ImapFlow } from 'imapflow';
import { connect } from '../net/connect.ts';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { unechoed } from '../net/unechoed.ts';
import { readGreeting } from '../net/greeting.ts';

const CONNECT_MS = 30_000;
const GREETING_MS = 30_000;
/** Tried one after the other: a name with IPv6 where this machine has none must not look like a server that is down. */
const MOST_ADDRESSES = 3;

/** RFC 5530: only these two speak of the credential. */
const CREDENTIAL_CODES: ReadonlySet<string> = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED']);

/** Probes and log-in checks of IMAP servers. */
export function createImapUpstream({ guard }: { readonly guard: Guard }): Upstream {
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      if (path.kind !== 'imap') return { kind: 'failed', reason: wrongKind(path) };
      const startedMs = performance.now();
      try {
        const socket = await connect({ ...path, guard, signal, security: path.security === 'tls' ? 'tls' : 'none', timeoutMs: CONNECT_MS });
        const line = await readGreeting(socket, signal, GREETING_MS);
        if (/^\* (?:OK|PREAUTH)\b/i.test(line)) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
        return { kind: 'failed', reason: { class: 'connect', text: `${path.host} greeted with: ${line}`, host: path.host } };
      } catch (error) {
        return { kind: 'failed', reason: reasonOfNetworkError(error, path.host) };
      }
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      if (path.kind !== 'imap') return { kind: 'undecided', reason: wrongKind(path) };
      let verdict: LoginVerdict = { kind: 'undecided', reason: { class: 'connect', text: `${path.host} has no address`, host: path.host } };
      try {
        for (const address of await checkedAddresses(path.host, guard)) {
          verdict = await verifyAt(address, { path, credential, guard, signal });
          if (verdict.kind !== 'undecided' || verdict.reason.class !== 'connect') break;
        }
      } catch (error) {
        return { kind: 'undecided', reason: reasonOfNetworkError(error, path.host) };
      }
      return verdict;
    },
  };
}

interface Attempt {
  readonly path: HostPath;
  readonly credential: LoginCredential;
  readonly guard: Guard;
  readonly signal: AbortSignal;
}

/** Never rejects. */
async function verifyAt(address: string, { path, credential, guard, signal }: Attempt): Promise<LoginVerdict> {
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
    verifyOnly: true,
  });
  // Before connect: an error event without a listener would end the process.
  client.on('error', () => undefined);
  const abort = () => client.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    return { kind: 'accepted' };
  } catch (error) {
    return verdictOf(error, path.host, credential);
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
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

function wrongKind(path: Path): Reason {
  return { class: 'internal', text: `${path.id} is not spoken in IMAP` };
}
