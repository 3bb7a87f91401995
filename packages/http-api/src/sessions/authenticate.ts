import { Secret, type AccountId, type ProviderName } from '@stopgap/core';
import { findAccount, findVerifier } from '@stopgap/store';
import type { LogIn } from '@stopgap/accounts';
import { remoteAddressOf, type AppContext } from '../app-env.ts';
import type { HttpApiDeps } from '../deps.ts';
import { HttpProblem } from '../problem.ts';
import { BasicMemory } from './basic-memory.ts';
import { sessionCookie } from './cookies.ts';
import { refuseCrossSite } from './cross-site.ts';
import type { Sessions } from './sessions.ts';

export interface Person {
  readonly account: AccountId;
  readonly address: string;
  readonly name: string;
  readonly provider: ProviderName;
  /** All that it may send as, lower case. */
  readonly addresses: readonly string[];
  /** Undefined: by address and password, with each request. */
  readonly session?: string;
}

export type Authenticate = (c: AppContext) => Promise<Person>;

export type PersonDeps = Pick<HttpApiDeps, 'store' | 'accounts'>;
type Deps = Pick<HttpApiDeps, 'store' | 'accounts' | 'plaintextAuth' | 'clock'>;

/** Who asks: by the session's cookie, or by HTTP Basic (RFC 7617). @throws HttpProblem 401, 403, 429, 503 */
export function createAuthenticate(deps: Deps, sessions: Sessions): Authenticate {
  // The verifier is another one whenever the password is; a pending account has none, and is asked each time.
  const memory = new BasicMemory(deps.clock, (account) => deps.store.read((reader) => findVerifier(reader, account)));
  return async (c) => {
    const header = c.req.header('authorization');
    if (header !== undefined) return await byPassword(c, header, { ...deps, memory });
    const token = sessionCookie(c, deps.plaintextAuth);
    const session = token === undefined ? undefined : await sessions.read(token);
    if (session === undefined) throw logInFirst(c);
    refuseCrossSite(c);
    const person = personOf(deps, session.account);
    if (person === undefined) throw logInFirst(c);
    return { ...person, session: session.id };
  };
}

async function byPassword(c: AppContext, header: string, deps: Deps & { readonly memory: BasicMemory }): Promise<Person> {
  const known = deps.memory.find(header);
  const again = known && personOf(deps, known);
  if (again !== undefined) return again;
  const credentials = readBasic(header);
  if (credentials === undefined) throw logInFirst(c);
  const result = await deps.accounts.logIn({ ...credentials, door: 'http', remoteAddress: remoteAddressOf(c) }, c.req.raw.signal);
  const person = result.kind === 'accepted' ? personOf(deps, result.account) : undefined;
  if (person === undefined) throw refusalOf(result, c);
  deps.memory.remember(header, person.account);
  return person;
}

/** A log-in that was not accepted, as HTTP says it. */
export function refusalOf(result: LogIn, c: AppContext): HttpProblem {
  switch (result.kind) {
    case 'throttled':
      return new HttpProblem(429, 'Too many failed log-ins', {
        more: { detail: 'Wait before you try again; the password is not looked at until then.' },
        headers: { 'retry-after': String(Math.max(1, Math.ceil(result.retryAfterMs / 1000))) },
      });
    case 'undecided':
      return new HttpProblem(503, 'It can not be known now whether the password is right', {
        more: {
          detail: result.reason.class === 'internal' ? 'Try again in a moment.' : 'Your mail provider can not be asked now.',
          reason: result.reason.class,
        },
        headers: { 'retry-after': '30' },
      });
    case 'accepted':
    case 'refused':
      return new HttpProblem(401, 'Address or password is wrong', { headers: { 'www-authenticate': challenge(c) } });
    default:
      return result satisfies never;
  }
}

function logInFirst(c: AppContext): HttpProblem {
  return new HttpProblem(401, 'Log in first', { headers: { 'www-authenticate': challenge(c) } });
}

/** Browsers (which alone send Sec-Fetch-Site) would ask for a password in a window of their own when they read Basic. */
function challenge(c: AppContext): string {
  const scheme = c.req.header('sec-fetch-site') === undefined ? 'Basic' : 'StopgapSession';
  return `${scheme} realm="stopgap", charset="UTF-8"`;
}

/** Undefined: there is no such account (any more). */
export function personOf({ store, accounts }: PersonDeps, account: AccountId): Person | undefined {
  const row = store.read((reader) => findAccount(reader, account));
  if (row === undefined || row.isLeaving) return undefined;
  const { address, name, provider } = row;
  return { account, address, name, provider, addresses: accounts.addressesOf(account) ?? [address] };
}

/** RFC 7617: UTF-8, and the first colon ends the user name. */
function readBasic(header: string): { readonly address: string; readonly password: Secret } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]{1,4096})$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { address: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) };
}
