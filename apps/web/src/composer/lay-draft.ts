import { blobNotFound, saveDraft, type SaveOptions } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import { withFoundFiles } from './draft-files.ts';
import { emailOf, type Draft, type DraftPlace } from './draft.ts';
import { findLaid, type Laid } from './laid-drafts.ts';

export interface Laying extends Pick<SaveOptions, 'previousId'> {
  /** While the one before is still there. @param draft with the files as they were laid */
  readonly onLaid?: (id: string, draft: Draft) => Promise<void>;
  readonly place: DraftPlace;
  /** What was saved of it before: files of it may be there. */
  readonly savedId: string | undefined;
  /** They may be there alone: what was laid in its place without an answer, or by another window. */
  readonly laid: Laid;
}

/** Lays a draft with its files, whatever the relay knows them by. Gives its id. */
export async function layDraft(jmap: Jmap, draft: Draft, { place, savedId, laid, previousId, onLaid }: Laying): Promise<string> {
  const save = (one: Draft): Promise<string> =>
    saveDraft(jmap, emailOf(one, place), { previousId, onLaid: async (id) => onLaid?.(id, one) });
  return save(draft).catch(async (error: unknown) => {
    if (!blobNotFound(error)) throw error;
    const { own } = await findLaid(jmap, place.draftsId, laid);
    return save(await withFoundFiles(jmap, draft, savedId === undefined ? own : [savedId, ...own]));
  });
}
