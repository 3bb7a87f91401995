/* What was laid into Drafts from here, and perhaps more than once, as an answer did not come or a window was closed. */
import { discardDraft, findDrafts } from '../api/drafts.ts';
import type { Jmap } from '../api/jmap.ts';
import { findMessages } from '../api/mail.ts';
import { digestOfMessage } from './draft-digest.ts';

export interface Laid {
  readonly messageIds: readonly string[];
  /** Of what it said, each time. */
  readonly digests: readonly string[];
}

export interface FoundDrafts {
  /** Newest first. */
  readonly own: readonly string[];
  /** What another program, or nobody knows who, has made of it. */
  readonly others: readonly string[];
}

export async function findLaid(jmap: Jmap, draftsId: string, { messageIds, digests }: Laid): Promise<FoundDrafts> {
  const ids = await findDrafts(jmap, draftsId, messageIds);
  const messages = ids.length === 0 ? [] : await findMessages(jmap, ids, { longest: 0 });
  const own = new Set<string>();
  for (const message of messages) if (digests.includes((await digestOfMessage(message)) ?? '')) own.add(message.id);
  return { own: ids.filter((id) => own.has(id)), others: ids.filter((id) => !own.has(id)) };
}

/**
 * The one that counts stays, and so does what says anything else than was laid from here: somebody has changed it, and one too many can be read.
 * @param id undefined: none counts
 */
export async function discardStrays(
  jmap: Jmap,
  draftsId: string,
  { id, ...laid }: Laid & { readonly id: string | undefined },
): Promise<void> {
  const { own } = await findLaid(jmap, draftsId, laid);
  for (const stray of own) if (stray !== id) await discardDraft(jmap, stray);
}
