/*
 * A save that got no answer may get to Drafts later than what took its place, and later than it was looked for there: its window was closed, and the line kept
 * it. So it is looked for again, less and less often, for an hour, or when the client is opened next. It goes only if it says what was laid from here
 * (`composer/laid-drafts.ts`), and what counts of the draft is still there: what is the last of it stays, whoever has laid it.
 */
import { stateOfDraft } from '../api/drafts.ts';
import { discardStrays } from '../composer/laid-drafts.ts';
import { mine, type ReplacingBox } from './box.ts';
import type { DeliveryOptions } from './deliver-letter.ts';
import { DRAFT } from './kept-drafts.ts';
import type { KeptDraft } from './letter.ts';
import type { Turns } from './one-at-a-time.ts';

const FIRST_LOOK_MS = 15_000;
/** What comes later than that is one draft too many, which can be read. */
const LAST_LOOK_MS = 60 * 60_000;

export interface LateDraft {
  /** Its Message-ID. */
  readonly id: string;
  readonly address: string;
  /** All by which there may be more of it, its own too. */
  readonly messageIds: readonly string[];
  /** Of what it said, each time. */
  readonly digests: readonly string[];
  /** What counts of it, or was sent. Undefined: nothing, as it was thrown away. */
  readonly staysId: string | undefined;
  readonly sinceMs: number;
  /** It is looked for then. */
  readonly againAtMs: number;
}

export interface LateDraftsOptions {
  readonly address: string;
  readonly box: ReplacingBox<LateDraft>;
  readonly turns: Turns;
  readonly nowMs: () => number;
  /** Out of Drafts with what has got there since. */
  readonly takeAway: (late: LateDraft) => Promise<void>;
}

/** Nothing of it throws: what can not be written down here is at worst in Drafts twice. */
export class LateDrafts {
  readonly #options: LateDraftsOptions;

  constructor(options: LateDraftsOptions) {
    this.#options = options;
  }

  /** @param staysId what is there of it now */
  async note({ id, laidAs = [], digests = [] }: Pick<KeptDraft, 'id' | 'laidAs' | 'digests'>, staysId: string | undefined): Promise<void> {
    if (digests.length === 0) return;
    const { address, box, nowMs } = this.#options;
    const messageIds = [...new Set([id, ...laidAs])];
    const late = { id, address, messageIds, digests, staysId, sinceMs: nowMs(), againAtMs: nowMs() + FIRST_LOOK_MS };
    await box.replace(id, () => late).catch(() => undefined);
  }

  /** What was there is another one now. @param afterId undefined: it was thrown away */
  async follow(beforeId: string | undefined, afterId: string | undefined): Promise<void> {
    if (beforeId === undefined) return;
    const { box } = this.#options;
    const follow = async (): Promise<void> => {
      for (const { id, staysId } of await this.#mine())
        if (staysId === beforeId) await box.replace(id, (now) => (now?.staysId === beforeId ? { ...now, staysId: afterId } : now));
    };
    await follow().catch(() => undefined);
  }

  /** Looks for all for which it is time. */
  async carry(): Promise<void> {
    const { nowMs, turns } = this.#options;
    for (const { id, againAtMs } of await this.#mine()) {
      if (againAtMs > nowMs()) continue;
      // While a window has the draft in hand, it knows best what is there; without an answer it is looked for the next time.
      await turns.ifFree(`${DRAFT} ${id}`, () => this.#look(id)).catch(() => undefined);
    }
  }

  async #look(id: string): Promise<void> {
    const { box, takeAway, nowMs } = this.#options;
    const late = await box.get(id);
    if (late === undefined) return;
    await takeAway(late);
    const ageMs = nowMs() - late.sinceMs;
    await box.replace(id, (now) => {
      if (now?.sinceMs !== late.sinceMs) return now;
      return ageMs < LAST_LOOK_MS ? { ...now, againAtMs: nowMs() + 2 * ageMs } : undefined;
    });
  }

  #mine(): Promise<readonly LateDraft[]> {
    return mine(this.#options.box, this.#options.address);
  }
}

export async function takeAwayLate(
  { staysId, messageIds, digests }: LateDraft,
  { jmap, places }: Pick<DeliveryOptions, 'jmap' | 'places'>,
): Promise<void> {
  if (staysId !== undefined && (await stateOfDraft(jmap, staysId)) === 'gone') return;
  // In one that is there no more nothing would be found.
  const { draftsId } = await places(true);
  await discardStrays(jmap, draftsId, { id: staysId, messageIds, digests });
}
