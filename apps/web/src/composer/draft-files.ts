import { filesOfDraft } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import type { BodyPart } from '../api/methods.ts';
import type { Draft, DraftAttachment } from './draft.ts';

/** Those that wait for a connection go up, one after the other. @param onUp told of each, before the next */
export async function withFilesUp(jmap: Jmap, draft: Draft, onUp: (draft: Draft) => Promise<void>): Promise<Draft> {
  let current = draft;
  for (const { key, file, type, blobId } of draft.attachments) {
    if (blobId !== undefined || file === undefined) continue;
    const uploaded = await jmap.upload(file, type);
    const put = (one: DraftAttachment): DraftAttachment =>
      one.key === key ? { ...one, blobId: uploaded, progress: 1, isWaiting: false } : one;
    current = { ...current, attachments: current.attachments.map(put) };
    await onUp(current);
  }
  return current;
}

/** Files that the relay has not got: saved without them, they would be lost. */
export function hasWaitingFiles({ attachments }: Draft): boolean {
  return attachments.some(({ blobId, file, isFailed }) => blobId === undefined && file !== undefined && !isFailed);
}

/**
 * The files of a draft by names that the relay knows, after it said that it does not know one: what a saved draft holds goes with that draft when another
 * takes its place, and what was uploaded goes after a day. They are in what was saved last, or here.
 */
export async function withFoundFiles(jmap: Jmap, draft: Draft, savedId: string | undefined): Promise<Draft> {
  const parts = new Set(savedId === undefined ? [] : await filesOfDraft(jmap, savedId));
  const attachments: DraftAttachment[] = [];
  for (const one of draft.attachments) {
    const saved = [...parts].find((part) => isSame(part, one));
    // Another one of the same name and size is another file.
    if (saved !== undefined) parts.delete(saved);
    const found = saved?.blobId ?? (one.file === undefined ? one.blobId : await jmap.upload(one.file, one.type));
    attachments.push({ ...one, blobId: found });
  }
  return { ...draft, attachments };
}

function isSame(part: BodyPart, { cid, name, sizeBytes }: DraftAttachment): boolean {
  return cid === undefined ? part.name === name && part.size === sizeBytes : part.cid === cid;
}
