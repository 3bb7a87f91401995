import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openBench, type Bench } from './incoming-contract/bench.ts';
import { testChanges } from './incoming-contract/changes.ts';
import { testEnds } from './incoming-contract/ends.ts';
import { testFetches } from './incoming-contract/fetches.ts';
import { testFinds } from './incoming-contract/finds.ts';
import { testLists } from './incoming-contract/lists.ts';
import { testMailboxes } from './incoming-contract/mailboxes.ts';
import { testPushes } from './incoming-contract/pushes.ts';
import type { IncomingContract } from './incoming-contract/world.ts';

/** What a session on an incoming path must hold to, whatever kind of path it is. */
export function incomingContract(name: string, contract: IncomingContract): void {
  const { can } = contract;
  describe(`a session by ${name}`, () => {
    let open: Bench | undefined;
    const bench = (): Bench => {
      if (open === undefined) throw new Error('the world did not start');
      return open;
    };
    beforeAll(async () => {
      open = await openBench(contract);
    });
    afterEach(() => open?.closeSessions());
    afterAll(() => open?.close());
    describe('lists', () => testLists(bench, can));
    describe('changes', () => testChanges(bench, can));
    describe('fetches', () => testFetches(bench, can));
    if (can.find) describe('finds', () => testFinds(bench));
    if (can.push) describe('pushes', () => testPushes(bench, can));
    if (can.push && can.mailboxes) describe('mailboxes', () => testMailboxes(bench, can));
    describe('ends', () => testEnds(bench, can));
  });
}

export type { BackDoor, IncomingCan, IncomingContract, IncomingWorld, NewMessage, StoredMessage } from './incoming-contract/world.ts';
export {
  HARD_MESSAGES,
  HARD_NAMES,
  ODD_NAMES,
  largeMessage,
  messageIdOf,
  smallMessage,
  type HardName,
} from './incoming-contract/hard-messages.ts';
export { CALM, collect, failureOf, fetchAll, mailboxAt, readAll, watch } from './incoming-contract/bench.ts';
