import { assertNever, Secret } from '@stopgap/core';
import type { SMTPServerAuthentication } from 'smtp-server';
import type { Client, LoggedIn } from '../client.ts';
import { isBase64Answer } from '../command-line.ts';
import { logInReplies, replies, type Reply } from '../replies.ts';
import type { Settings } from '../settings.ts';

/** May the command go on to smtp-server's SASL? RFC 4954 4. */
export function faultOfAuth(line: string, client: Client): Reply | undefined {
  if (!client.mayLogIn) return replies.tlsFirstForAuth;
  if (client.transaction) return replies.authInTransaction;
  const [, , initial] = line.trim().split(/ +/);
  return initial === undefined || isBase64Answer(initial) ? undefined : replies.badBase64;
}

export type LogInAnswer =
  | { readonly kind: 'accepted'; readonly login: LoggedIn }
  | { readonly kind: 'failed'; readonly code: number; readonly text: string };

/** The answer to a complete AUTH exchange. */
export async function auth(
  given: SMTPServerAuthentication,
  client: Client,
  options: { readonly settings: Settings; readonly signal: AbortSignal },
): Promise<LogInAnswer> {
  const failed = (answer: { readonly code: number; readonly text: string }): LogInAnswer => ({ kind: 'failed', ...answer });
  // RFC 4616 2: logging in as one and acting as another is for proxies, and we know none.
  const isProxy = given.authzid !== undefined && given.authzid !== '' && given.authcid !== '' && given.authzid !== given.authcid;
  if (isProxy || typeof given.password !== 'string') return failed(logInReplies.refused);
  const result = await options.settings.accounts.logIn(
    { address: given.username ?? '', password: new Secret(given.password), door: 'smtp', remoteAddress: client.remoteAddress },
    options.signal,
  );
  switch (result.kind) {
    case 'accepted':
      return { kind: 'accepted', login: result };
    case 'refused':
      return failed(logInReplies.refused);
    case 'undecided':
      return failed(logInReplies.undecided(result.reason));
    case 'throttled':
      return failed(logInReplies.throttled(result.retryAfterMs));
    default:
      return assertNever(result);
  }
}
