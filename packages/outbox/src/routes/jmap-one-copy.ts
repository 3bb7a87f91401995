/*
 * What settled attempts left: drafts of those that were refused, or are settled as not sent, go, and what was sent and could not be filed then is filed in
 * Sent. Of the copies there one is enough. The first stays, which the person may have starred or answered meanwhile.
 */
import type { SettledSending } from '@stopgap/core';
import { jmapError } from '@stopgap/jmap';
import { fileAsSent, findCopies, throwAway, type Copy, type Desk } from './jmap-desk.ts';
import { carries } from './witness.ts';

/** What stops in between is done again from the start. Throws when it can not be done now, or not yet. */
export async function keepOneCopy(
  desk: Desk,
  sending: SettledSending,
  at: { readonly nowMs: number; readonly settleMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { messageId, settledWitnesses, deliveredWitnesses } = sending;
  const [witness] = settledWitnesses;
  if (witness === undefined) return;
  const copies = (await findCopies(desk, { messageId, witness }, at.signal)).filter((copy) => copy.isOurs);
  const drafts = copies.filter((copy) => copy.isDraft && copy.mailboxIds.has(desk.drafts));
  const unfiled = drafts.filter((copy) => attemptOf(copy, deliveredWitnesses) >= 0);
  for (const { id } of unfiled) await fileAsSent(desk, id, at.signal);
  const inSent = copies.filter((copy) => !copy.isDraft && copy.mailboxIds.has(desk.sent) && attemptOf(copy, settledWitnesses) >= 0);
  const [, ...surplus] = [...inSent, ...unfiled].toSorted((a, b) => attemptOf(a, settledWitnesses) - attemptOf(b, settledWitnesses));
  const unsent = drafts.filter((copy) => !unfiled.includes(copy) && attemptOf(copy, settledWitnesses) >= 0);
  // The server may be at one that was begun until then, whatever a person has decided about it.
  const ended = unsent.filter((copy) => !copy.isBegun || copy.receivedAtMs <= at.nowMs - at.settleMs);
  await throwAway(
    desk,
    [...surplus, ...ended].map(({ id }) => id),
    at.signal,
  );
  if (ended.length < unsent.length) throw jmapError('unavailable', 'A draft may still be on its way.', { host: desk.client.host });
}

/** What came back by SMTP has the traces of its journey on top. */
function attemptOf({ traces }: Copy, witnesses: readonly string[]): number {
  return witnesses.findIndex((one) => carries({ traces: traces.slice(0, 1) }, one));
}
