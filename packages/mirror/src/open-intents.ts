import type { AccountId, IntentId } from '@stopgap/core';
import { openIntents, type IntentRow, type Reader } from '@stopgap/store';

/** Of one account: what is beyond waits until earlier ones have ended. */
export const INTENTS_LOOKED_AT = 10_000;
const PAGE = 500;

/** In their order, read as they are asked for. */
export function* eachOpenIntent(reader: Reader, account: AccountId): Generator<IntentRow> {
  let last = 0 as IntentId;
  for (let seen = 0; seen < INTENTS_LOOKED_AT; seen += PAGE) {
    const page = openIntents(reader, account, PAGE, last);
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.id ?? last;
  }
}
