import { blobNotFound, saveDraft, type SaveOptions } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import { withFoundFiles } from './draft-files.ts';
import { emailOf, type Draft, type DraftPlace } from './draft.ts';

export interface Laying extends Pick<SaveOptions, 'previousId'> {
  /** While the one before is still there. @param draft with the files as they were laid */
  readonly onLaid?: (id: string, draft: Draft) => Promise<void>;
  readonly place: DraftPlace;
  /** What was saved of it before: files of it may be there. */
  readonly savedId: string | undefined;
}

/** Lays a draft with its files, whatever the relay knows them by. Gives its id. */
export async function layDraft(jmap: Jmap, draft: Draft, { place, savedId, previousId, onLaid }: Laying): Promise<string> {
  const save = (one: Draft): Promise<string> =>
    saveDraft(jmap, emailOf(one, place), { previousId, onLaid: async (id) => onLaid?.(id, one) });
  return save(draft).catch(async (error: unknown) => {
    if (!blobNotFound(error)) throw error;
    return save(await withFoundFiles(jmap, draft, savedId));
  });
}
