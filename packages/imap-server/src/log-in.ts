import { assertNever, Secret } from '@stopgap/core';
import type { Client, Completion } from './client.ts';
import { ok, replies } from './replies.ts';

/** The end of LOGIN and of AUTHENTICATE: a wrong password costs the same and says the same for every user, known or not (package accounts). */
export async function logIn(client: Client, credential: { readonly name: string; readonly password: string }): Promise<Completion> {
  const { accounts } = client.settings;
  const result = await accounts.logIn(
    { address: credential.name, password: new Secret(credential.password), door: 'imap', remoteAddress: client.remoteAddress },
    client.gone,
  );
  switch (result.kind) {
    case 'accepted':
      if (!(await client.logIn(result))) return replies.tooManyOfAccount;
      // RFC 9051 6.2.3: saves the client a CAPABILITY.
      return ok('Logged in', `CAPABILITY ${client.capabilities().join(' ')}`);
    case 'refused':
      return replies.wrongPassword;
    case 'undecided':
      return replies.undecided(result.reason);
    case 'throttled':
      return replies.throttled(result.retryAfterMs);
    default:
      return assertNever(result);
  }
}
