import { discardDraft } from '../api/drafts.ts';
import { senderOf } from '../api/identities.ts';
import { digestOf } from '../composer/draft-digest.ts';
import { withFilesUp } from '../composer/draft-files.ts';
import { discardStrays } from '../composer/laid-drafts.ts';
import { layDraft } from '../composer/lay-draft.ts';
import type { DeliveryOptions } from './deliver-letter.ts';
import { inDrafts } from './delivery-places.ts';
import type { KeptDraft } from './letter.ts';
import { isSame, saidBy } from './said.ts';

export interface KeptDraftOptions extends Pick<DeliveryOptions, 'jmap' | 'places' | 'textOfHtml' | 'nowMs'> {
  /** Resolves when it is kept. */
  readonly note: (draft: KeptDraft) => Promise<void>;
}

/** Into Drafts, in the place of all that was laid of it. Gives its id there. @throws why not; what the relay said is kept with it */
export async function layKeptDraft(kept: KeptDraft, options: KeptDraftOptions): Promise<string> {
  let latest = kept;
  const note = async (some: Partial<KeptDraft>): Promise<void> => {
    latest = { ...latest, ...some };
    await options.note(latest);
  };
  try {
    return await lay(kept, { ...options, note });
  } catch (error) {
    const trouble = saidBy(error);
    if (!isSame(trouble, kept.trouble)) await note({ trouble });
    throw error;
  }
}

interface Laying extends Omit<KeptDraftOptions, 'note'> {
  readonly note: (some: Partial<KeptDraft>) => Promise<void>;
}

async function lay(kept: KeptDraft, { jmap, places, note, textOfHtml, nowMs }: Laying): Promise<string> {
  const { address, name, savedId, laidAs = [], digests = [] } = kept;
  const draft = await withFilesUp(jmap, kept.draft, (up) => note({ draft: up }));
  return inDrafts(places, async ({ draftsId, identity }) => {
    const place = { from: senderOf(identity, address, name), draftsId, nowMs: nowMs(), textOfHtml };
    const laid = { messageIds: [draft.messageId, ...laidAs], digests: [...digests, await digestOf(draft)] };
    const id = await layDraft(jmap, draft, { place, savedId, laid, previousId: savedId });
    // An earlier try may have got there, and its answer not here.
    await discardStrays(jmap, draftsId, { id, ...laid });
    return id;
  });
}

/** Out of Drafts with one that was thrown away, however often it was laid. What others have made of it stays. */
export async function removeDiscarded(
  { id, savedId, laidAs = [], digests = [] }: KeptDraft,
  { jmap, places }: Pick<KeptDraftOptions, 'jmap' | 'places'>,
): Promise<void> {
  // In one that is there no more nothing would be found.
  const { draftsId } = await places(true);
  if (savedId !== undefined) await discardDraft(jmap, savedId);
  await discardStrays(jmap, draftsId, { id: undefined, messageIds: [id, ...laidAs], digests });
}
