/*
 * A message that left by several attempts has a copy in Sent for each: its proof, as long as an outcome of that attempt is not on record. Once all are, one
 * copy is enough. The first that is the message itself stays, which the person may have starred or answered meanwhile.
 */
import type { SettledSending } from '@stopgap/core';
import { deleteMessages, findSentMailbox, type RoundcubeSession } from '@stopgap/upstreams';
import { attemptsCriterion, idOf, readCopies, type Copy } from './roundcube-copies.ts';

/** One request deletes, after one look: where it stops, the copy that stays was there already. Throws when the webmail can not be believed just now. */
export async function keepOneCopy(session: RoundcubeSession, sending: SettledSending, signal: AbortSignal): Promise<void> {
  const { messageId, settledWitnesses } = sending;
  const [witness] = settledWitnesses;
  const sent = await findSentMailbox(session, signal);
  if (sent === undefined || witness === undefined) return;
  const copies = await readCopies(session, sent, attemptsCriterion({ messageId, witness }), signal);
  const settled = copies.filter((copy) => isOf(copy, settledWitnesses));
  const kept = settled.find((copy) => !copy.isResent) ?? settled[0];
  const uids = settled.filter((copy) => copy !== kept).map((copy) => copy.uid);
  await deleteMessages(session, { mbox: sent, uids, signal });
}

/** Stored by the attempt itself: what came back by SMTP has the traces of its journey on top. */
function isOf(copy: Copy, witnesses: readonly string[]): boolean {
  const id = copy.isOurs ? idOf(copy.traces[0] ?? '') : undefined;
  return id !== undefined && witnesses.includes(id);
}
