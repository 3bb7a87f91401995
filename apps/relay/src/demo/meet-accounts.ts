import type { PracticeAccount } from './practice-provider.ts';

const CORE = 'urn:ietf:params:jmap:core';
const SUBMISSION = 'urn:ietf:params:jmap:submission';

/** Each logs in once and says its name, so that the mailboxes are here before the first visitor is. @throws when the relay does not answer */
export async function meetAccounts(origin: string, accounts: readonly PracticeAccount[], signal: AbortSignal): Promise<void> {
  for (const { name, address, password } of accounts) {
    const headers = {
      authorization: `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    };
    const session = await fetch(`${origin}/.well-known/jmap`, { headers, signal });
    const { primaryAccounts } = (await session.json()) as { readonly primaryAccounts: Readonly<Record<string, string>> };
    const accountId = primaryAccounts[SUBMISSION];
    const call = async (method: string, args: object): Promise<unknown> => {
      const body = JSON.stringify({ using: [CORE, SUBMISSION], methodCalls: [[method, { accountId, ...args }, '0']] });
      const answer = await fetch(`${origin}/jmap/api`, { method: 'POST', headers, body, signal });
      return ((await answer.json()) as { readonly methodResponses: readonly [readonly [string, unknown]] }).methodResponses[0][1];
    };
    const { list } = (await call('Identity/get', { ids: null })) as { readonly list: readonly { readonly id: string }[] };
    await call('Identity/set', { update: Object.fromEntries(list.map(({ id }) => [id, { name }])) });
  }
}
