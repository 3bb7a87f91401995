import { afterAll, beforeAll, describe } from 'vitest';
import { testBytes } from './roundcube-contract/bytes.ts';
import { openBench, type Bench } from './roundcube-contract/harness.ts';
import { testLosses } from './roundcube-contract/losses.ts';
import { testOneCopy } from './roundcube-contract/one-copy.ts';
import { testOutcomes } from './roundcube-contract/outcomes.ts';
import type { RoundcubeContract } from './roundcube-contract/world.ts';

/** What a route through a webmail must hold to, whatever webmail is behind it. */
export function roundcubeContract(name: string, contract: RoundcubeContract): void {
  describe(`a route through ${name}`, () => {
    let open: Bench | undefined;
    const bench = (): Bench => {
      if (open === undefined) throw new Error('the world did not start');
      return open;
    };
    beforeAll(async () => {
      open = await openBench(contract);
    });
    afterAll(() => open?.close());
    describe('bytes', () => testBytes(bench));
    describe('outcomes', () => testOutcomes(bench));
    describe('losses', () => testLosses(bench));
    describe('several attempts at one message', () => testOneCopy(bench));
  });
}

export type { RoundcubeContract, RoundcubeWorld } from './roundcube-contract/world.ts';
export { jobOf, letter, newSubmission, copiesOf, trimmed, type Letter, type TestJob } from './roundcube-contract/letters.ts';
export { deliver, findSent, keepOneCopy, expectSentOnce } from './roundcube-contract/harness.ts';
export { openTap, PASS, type Fate, type HttpTap, type TapRequest } from './roundcube-contract/tap.ts';
