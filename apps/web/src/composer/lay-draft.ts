import { blobNotFound, saveDraft, type SaveOptions } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import { withFoundFiles } from './draft-files.ts';
import { emailOf, type Draft, type DraftPlace } from './draft.ts';

export interface Laying extends SaveOptions {
  readonly place: DraftPlace;
  /** What was saved of it before: files of it may be there. */
  readonly savedId: string | undefined;
}

/** Lays a draft with its files, whatever the relay knows them by. Gives its id. */
export async function layDraft(jmap: Jmap, draft: Draft, { place, savedId, ...options }: Laying): Promise<string> {
  const save = (one: Draft): Promise<string> => saveDraft(jmap, emailOf(one, place), options);
  return save(draft).catch(async (error: unknown) => {
    if (!blobNotFound(error)) throw error;
    return save(await withFoundFiles(jmap, draft, savedId));
  });
}
