/*
 * The property that all of this is for: whatever happens in whatever order - mail and changes from outside, changes here, also in the middle of a round,
 * paths that fail, lose answers or lie, a process that dies at any call - both sides end up equal, with nothing lost and nothing doubled.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ViewKind } from '@stopgap/testkit';
import { RECOVERED } from './recovered.ts';
import { contentHere, mailHere, mailThere } from './test-bench.ts';
import type { RoundEnd } from './test-fate.ts';
import { FLAGS, NAMES, type Change, type Step, type Trouble } from './test-steps.ts';
import { openGround, World } from './test-world.ts';

const { STOPGAP_MIRROR_RUNS, STOPGAP_MIRROR_SEED } = process.env;
const RUNS = Number(STOPGAP_MIRROR_RUNS ?? 200);
/** The short form runs the same cases everywhere; the long one looks for new ones. */
const SEED = STOPGAP_MIRROR_SEED ?? (STOPGAP_MIRROR_RUNS === undefined ? '1' : undefined);
/** However busy the machine is. */
const LONGEST_RUN_MS = 2000;

const place = fc.nat(NAMES.length - 1);
const at = fc.nat(5);
const newest = fc.nat(1);
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver'), to: place, content: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('flag there', 'flag here'),
      in: place,
      at,
      flag: fc.nat(FLAGS.length - 1),
      add: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('move there', 'move here'), in: place, at, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('expunge there', 'expunge here', 'expunge on both sides'), in: place, at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bring back here'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('replace there', 'replace here'), in: place, at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('append here'), to: place, hasId: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('copy there', 'copy here'), in: place, at, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renumber'), in: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore'), in: place, at }) },
);
/** Where most of the doubling and losing could be: what is told upstream, its end unknown, and moved on. */
const told: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append here'), to: place, hasId: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('copy here', 'copy there'), in: place, at: newest, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('replace there', 'replace here'), in: place, at: newest }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('move there', 'move here'), in: place, at: newest, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('expunge there', 'expunge here'), in: place, at: newest }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bring back here'), at: newest }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renumber'), in: place }) },
);
const mailboxesHere: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('create there', 'create here', 'delete here'), in: place }),
  fc.record({ kind: fc.constant('rename here'), in: place, to: place }),
);
const mailboxesThere: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('delete there'), in: place }),
  fc.record({ kind: fc.constant('rename there'), in: place, to: place }),
);

const nth = fc.integer({ min: 1, max: 25 });
const end: fc.Arbitrary<RoundEnd> = fc.oneof(
  fc.record({
    kind: fc.constant('crash'),
    where: fc.constantFrom('call before', 'call after', 'write before', 'write after'),
    at: nth,
  }),
  fc.record({ kind: fc.constant('lost'), where: fc.constantFrom('call before', 'call after'), at: nth }),
);
const troubleWith = (change: fc.Arbitrary<Change>): fc.Arbitrary<Trouble> =>
  fc.record({
    end: sometimes(3, end),
    full: sometimes(12, fc.constantFrom('for now', 'for good')),
    lie: sometimes(7, fc.constantFrom('empty', 'half', 'void', 'login-page', 'short-body', 'doubled', 'backwards')),
    meanwhile: sometimes(3, fc.record({ where: fc.constantFrom('call', 'write'), at: nth, change })),
  });
const stepsWith = (change: fc.Arbitrary<Change>, paths: readonly ViewKind[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: change },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('round'), path: fc.constantFrom(...paths), trouble: troubleWith(change) }) },
    ),
    { minLength: 5, maxLength: 40 },
  );
/**
 * Ids of JMAP and UIDs have nothing in common. A mailbox that was seen by one of the two alone, and is deleted or renamed upstream before the other saw it,
 * stays here until the one that knows it is back: so either both paths, or what happens to mailboxes there.
 */
const steps = fc.oneof(
  stepsWith(mixed(mailboxesHere), ['imap', 'imap', 'imap', 'roundcube', 'roundcube', 'jmap', 'jmap', 'pop3']),
  stepsWith(told, ['imap', 'imap', 'roundcube', 'jmap']),
  stepsWith(mixed(fc.oneof(mailboxesHere, mailboxesThere)), ['imap', 'imap', 'roundcube', 'pop3']),
  // Names that are given and taken back, with few of them.
  stepsWith(fc.oneof({ weight: 1, arbitrary: change }, { weight: 3, arbitrary: mailboxesHere }), ['imap', 'imap', 'roundcube', 'jmap']),
);

function mixed(mailboxes: fc.Arbitrary<Change>): fc.Arbitrary<Change> {
  return fc.oneof({ weight: 6, arbitrary: change }, { weight: 1, arbitrary: mailboxes });
}

function sometimes<T>(outOf: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: outOf - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

test(
  'both sides end up equal, nothing lost, nothing doubled',
  async () => {
    await using ground = await openGround();
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = await World.begin(ground);
        for (const one of all) await world.do(one);
        await world.settle();
        const there = mailThere(world.there);
        expect(comparable(contentHere(world.store), there)).toEqual(there);
        const counts = new Map<string, number>();
        for (const message of Object.values(mailHere(world.store)).flat()) counts.set(message.hash, (counts.get(message.hash) ?? 0) + 1);
        for (const hash of world.known) if (!world.expunged.has(hash)) expect(counts.get(hash) ?? 0).toBeGreaterThan(0);
        for (const [hash, count] of counts) expect(count).toBeLessThanOrEqual(world.most.get(hash) ?? 0);
      }),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  },
  RUNS * LONGEST_RUN_MS,
);

/** What has mailboxes below it is here in any case; there it may be a name that nothing can be in. What upstream had no room for is here only. */
function comparable(here: ReturnType<typeof contentHere>, there: ReturnType<typeof mailThere>): ReturnType<typeof contentHere> {
  const isContainer = (name: string): boolean => Object.keys(here).some((other) => other.startsWith(`${name}/`));
  return Object.fromEntries(
    Object.entries(here).filter(
      ([name, messages]) => name !== RECOVERED && (messages.length > 0 || there[name] !== undefined || !isContainer(name)),
    ),
  );
}
