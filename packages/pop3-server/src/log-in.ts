import { assertNever, Secret } from '@stopgap/core';
import type { Client } from './client.ts';
import { countLineEnds } from './count-line-ends.ts';
import { Maildrop } from './maildrop.ts';
import { logInReplies, replies, type Answer, type Refusal } from './replies.ts';

/** Then the connection ends. */
const MOST_FAILED_LOG_INS = 4;

/** A complete log-in, whichever command brought it. Undefined: it can only be refused, as a wrong password is. */
export async function logIn(given: { readonly address: string; readonly password: string } | undefined, client: Client): Promise<Answer> {
  const { accounts } = client.settings;
  const request = {
    address: given?.address ?? '',
    password: new Secret(given?.password ?? ''),
    door: 'pop3',
    remoteAddress: client.remoteAddress,
  } as const;
  const result = await accounts.logIn(request, client.gone);
  switch (result.kind) {
    case 'accepted':
      return await enter(result.account, client);
    case 'refused':
      return failed(logInReplies.refused, client);
    case 'undecided':
      return failed(logInReplies.undecided(result.reason.class === 'internal'), client);
    case 'throttled':
      return failed(logInReplies.throttled(result.retryAfterMs), client);
    default:
      return assertNever(result);
  }
}

async function enter(account: Maildrop['account'], client: Client): Promise<Answer> {
  const release = client.locks.take(account);
  if (!release) return replies.inUse;
  try {
    await counted(account, client);
    const maildrop = new Maildrop(account, client.settings.store);
    client.login = { maildrop, release };
    const { messages, sizeBytes } = maildrop.totals();
    return replies.ok(`${messages} messages, ${sizeBytes} octets`);
  } catch (error) {
    release();
    throw error;
  }
}

/** A full disk keeps nobody from reading: sizes are then as stored. */
async function counted(account: Maildrop['account'], { settings, gone, remoteAddress }: Client): Promise<void> {
  try {
    await countLineEnds(account, settings, gone);
  } catch (error) {
    settings.events.failed({ door: 'pop3', remoteAddress, error });
  }
}

function failed(refusal: Refusal, client: Client): Refusal {
  client.failedLogIns += 1;
  return client.failedLogIns >= MOST_FAILED_LOG_INS ? { ...refusal, isLast: true } : refusal;
}
