/*
 * The way of one letter from this browser into the relay's outbox: files up, laid into Drafts, handed over. Any step may be cut off on its way there or back,
 * and the browser may be closed at any moment; taken up again, the letter goes on from what was noted. It is in the outbox once:
 *
 * - what was laid is found again by the letter's own Message-ID and by what it says, so it is not laid twice; what was still on its way then goes when the
 *   letter has left;
 * - what was handed over is known by the letter's key, under which the relay takes one submission, however often it is asked;
 * - a submission older than the relay remembers its key for shows in the message, which is a draft no more.
 */
import { discardDraft, stateOfDraft, submitDraft, type Submitted } from '../api/drafts.ts';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { senderOf } from '../api/identities.ts';
import type { Jmap } from '../api/jmap.ts';
import { digestOf } from '../composer/draft-digest.ts';
import { withFilesUp } from '../composer/draft-files.ts';
import { discardStrays, findLaid } from '../composer/laid-drafts.ts';
import { layDraft } from '../composer/lay-draft.ts';
import { inDrafts, type DeliveryPlaces, type FindPlaces } from './delivery-places.ts';
import type { Letter } from './letter.ts';

export interface DeliveryOptions {
  readonly jmap: Jmap;
  readonly places: FindPlaces;
  /** Resolves when it is kept. */
  readonly note: (letter: Letter) => Promise<void>;
  readonly textOfHtml: (html: string) => string;
  readonly nowMs: () => number;
  /** Whether its person sits before it and may call it back. */
  readonly isWatched: boolean;
}

/** Whether it is still to leave is not to be known here. */
export class LostTrack extends Error {
  /** As in `LetterProblem`. */
  readonly kind: 'unsure' | 'draftGone';

  constructor(kind: 'unsure' | 'draftGone') {
    super(kind);
    this.kind = kind;
  }
}

/** Undefined: it had been taken before, and nobody knew. @throws HttpFailure, NoAnswer, MethodFailure; LostTrack */
export async function deliverLetter(first: Letter, options: DeliveryOptions): Promise<Submitted | undefined> {
  const { jmap } = options;
  let letter = first;
  const note = async (some: Partial<Letter>): Promise<void> => {
    letter = { ...letter, ...some };
    await options.note(letter);
  };
  let places = await options.places();
  const tidy = async (): Promise<void> => {
    const { emailId, laidAs, draft, digests = [] } = letter;
    if (laidAs === undefined) return;
    await discardStrays(jmap, places.draftsId, { id: emailId, messageIds: laidAs, digests: [...digests, await digestOf(draft)] });
  };
  // It has left: whatever is said of the rest is not said of the letter.
  const tidyAfter = (): Promise<void> =>
    tidy().catch((error: unknown) => {
      throw new NoAnswer(error);
    });
  const before = letter.emailId === undefined ? undefined : await stateOfDraft(jmap, letter.emailId);
  // Changed, sent or thrown away elsewhere.
  if (before !== undefined && before !== 'draft' && !letter.isHandedOver) throw new LostTrack('draftGone');
  if (before === 'submitted') {
    await tidyAfter();
    return undefined;
  }
  const layIn = async (now: DeliveryPlaces): Promise<void> => {
    places = now;
    const { isLaying, laidAs = [] } = letter;
    const { messageId } = letter.draft;
    const laid = isLaying ? await findOwn(letter, { jmap, places }) : undefined;
    // What was begun before may still come there.
    await note({ isLaying: true, ...(isLaying ? { laidAs: [...new Set([...laidAs, messageId])] } : {}) });
    await note({ emailId: laid ?? (await lay(letter, { options, places, note })) });
  };
  if (letter.emailId === undefined) await inDrafts(options.places, layIn);
  if (letter.savedId !== undefined) {
    await discardDraft(jmap, letter.savedId);
    await note({ savedId: undefined });
  }
  await tidy();
  await note({ isHandedOver: true });
  const submitted = await handOver(letter, places, options).catch(async (error: unknown) => {
    if (before === 'gone' && error instanceof MethodFailure && error.type === 'invalidProperties') throw new LostTrack('unsure');
    // Nor has it taken it before: it would have known the key. So it is its person's again.
    if (saysNotTaken(error)) await note({ isHandedOver: false });
    throw error;
  });
  await tidyAfter();
  return submitted;
}

/** What may have been laid of it. @throws LostTrack: it was, and somebody has changed it since */
async function findOwn(
  { draft }: Letter,
  { jmap, places }: { readonly jmap: Jmap; readonly places: DeliveryPlaces },
): Promise<string | undefined> {
  const { own, others } = await findLaid(jmap, places.draftsId, { messageIds: [draft.messageId], digests: [await digestOf(draft)] });
  if (own.length === 0 && others.length > 0) throw new LostTrack('draftGone');
  return own[0];
}

/** Where something went wrong in the relay it may have been taken all the same. */
function saysNotTaken(error: unknown): boolean {
  return error instanceof MethodFailure && !['serverFail', 'serverPartialFail', 'serverUnavailable'].includes(error.type);
}

function handOver(
  { id, emailId = '', draft, sendAtMs }: Letter,
  { identity, sentId }: DeliveryPlaces,
  options: DeliveryOptions,
): Promise<Submitted> {
  const { to, cc, bcc, about } = draft;
  const { isWatched, jmap, nowMs } = options;
  const recipients = [...to, ...cc, ...bcc].map(({ email }) => email);
  const later = sendAtMs !== undefined && sendAtMs > nowMs() ? { sendAtMs } : {};
  const sentIdNow = async (): Promise<string | undefined> => (await options.places(true)).sentId;
  return submitDraft(jmap, { key: id, emailId, identity, recipients, sentId, sentIdNow, about, mayCallBack: isWatched, ...later });
}

interface Laying {
  readonly options: DeliveryOptions;
  readonly places: DeliveryPlaces;
  readonly note: (some: Partial<Letter>) => Promise<void>;
}

async function lay(letter: Letter, { options, places, note }: Laying): Promise<string> {
  const { jmap, nowMs, textOfHtml } = options;
  const { draftsId, identity } = places;
  const from = senderOf(identity, letter.address, letter.name);
  const draft = await withFilesUp(jmap, letter.draft, (up) => note({ draft: up }));
  const { savedId, laidAs = [], digests = [] } = letter;
  return layDraft(jmap, draft, { place: { from, draftsId, nowMs: nowMs(), textOfHtml }, savedId, laid: { messageIds: laidAs, digests } });
}
