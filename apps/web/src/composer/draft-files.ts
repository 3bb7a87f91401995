import { filesOfDraft } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import type { BodyPart } from '../api/methods.ts';
import { laidAs, type Draft, type DraftAttachment } from './draft.ts';

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

/** By the keys of a draft's files, what is known of them beyond the draft: the name under which the relay has one since the last save, or what one is made of. */
export type KnownFiles = Map<string, Partial<Pick<DraftAttachment, 'blobId' | 'file'>>>;

export function withKnownFiles(draft: Draft, known: KnownFiles): Draft {
  if (known.size === 0) return draft;
  return { ...draft, attachments: draft.attachments.map((one) => ({ ...one, ...known.get(one.key) })) };
}

/** Of a draft that was just laid as `id`: with the one before the names of its files go. */
export async function learnFiles(jmap: Jmap, { id, draft, known }: { id: string; draft: Draft; known: KnownFiles }): Promise<void> {
  const laid = draft.attachments.filter((one) => laidAs(one, draft) !== undefined);
  if (laid.length === 0) return;
  const parts = await filesOfDraft(jmap, id);
  const inText = laid.filter((one) => laidAs(one, draft) === 'inline');
  const beside = laid.filter((one) => !inText.includes(one));
  // Those beside the text are in the order in which they were laid.
  const partsBeside = parts.filter(({ cid }) => !inText.some((one) => one.cid === cid));
  const learn = ({ key }: DraftAttachment, part: BodyPart | undefined): void => {
    if (typeof part?.blobId === 'string') known.set(key, { ...known.get(key), blobId: part.blobId });
  };
  for (const one of inText)
    learn(
      one,
      parts.find(({ cid }) => cid === one.cid),
    );
  if (partsBeside.length === beside.length) for (const [index, one] of beside.entries()) learn(one, partsBeside[index]);
}

/**
 * The files of a draft by names that the relay knows, after it said that it does not know one: what a saved draft holds goes with that draft when another
 * takes its place, and what was uploaded goes after a day. They are here, or in what was saved last.
 * @param savedIds of which those that are gone hold nothing
 */
export async function withFoundFiles(jmap: Jmap, draft: Draft, savedIds: readonly string[]): Promise<Draft> {
  let parts: readonly BodyPart[] = [];
  for (const id of savedIds) if (parts.length === 0) parts = await filesOfDraft(jmap, id);
  const attachments: DraftAttachment[] = [];
  for (const one of draft.attachments) {
    const found = partOf(one, parts, draft) ?? (one.file === undefined ? one.blobId : await jmap.upload(one.file, one.type));
    attachments.push({ ...one, blobId: found });
  }
  return { ...draft, attachments };
}

/** Only what is certainly the same: of files that look alike and are not all there any more, any could be any. */
function partOf(one: DraftAttachment, parts: readonly BodyPart[], { attachments }: Draft): string | undefined {
  const { blobId, cid, name, sizeBytes } = one;
  const same = parts.find((part) => (cid === undefined ? part.blobId === blobId : part.cid === cid));
  if (same !== undefined || cid !== undefined || one.file !== undefined) return same?.blobId ?? undefined;
  const alike = parts.filter((part) => part.name === name && part.size === sizeBytes);
  const others = attachments.filter((other) => other.cid === undefined && other.name === name && other.sizeBytes === sizeBytes);
  return alike.length === others.length ? (alike[others.indexOf(one)]?.blobId ?? undefined) : undefined;
}
