/*
 * A message that left by several attempts has a copy in Sent for each: its proof, as long as an outcome of that attempt is not on record. Once all are, one
 * copy is enough. The first that is the message itself stays, which the person may have starred or answered meanwhile. Where there is none because an attempt
 * could not be tidied after its sending, that is made up for first.
 */
import type { SettledSending } from '@stopgap/core';
import { deleteMessages, findSentMailbox, type RoundcubeSession } from '@stopgap/upstreams/web';
import { attemptsCriterion, readCopies, type Copy } from './roundcube-copies.ts';
import { stagingMailbox } from './roundcube-staging.ts';
import { tidy } from './roundcube-tidy.ts';
import { idOf } from './witness.ts';

/** One request deletes, after one look: where it stops, the copy that stays was there already. Throws when the webmail can not be believed just now. */
export async function keepOneCopy(session: RoundcubeSession, sending: SettledSending, signal: AbortSignal): Promise<void> {
  const sent = await findSentMailbox(session, signal);
  if (sent === undefined) return;
  const staging = await stagingMailbox(session, signal);
  let copies = await settledCopies(session, sent, sending, signal);
  const untidied = copies.every((copy) => copy.isResent) ? copies : [];
  for (const copy of untidied) {
    // Its copy in Sent is the proof that it was sent: so what is staged for it may go there.
    await tidy(session, { sent, staging }, { messageId: sending.messageId, witness: witnessIn(copy) ?? '' }, signal);
  }
  if (untidied.length > 0) copies = await settledCopies(session, sent, sending, signal);
  const itself = copies.find((copy) => !copy.isResent);
  const kept = itself ?? copies[0];
  await deleteMessages(session, { mbox: sent, uids: uidsOf(copies.filter((copy) => copy !== kept)), signal });
  if (itself === undefined) return;
  // What other settled attempts have staged is of no more use.
  await deleteMessages(session, { mbox: staging, uids: uidsOf(await settledCopies(session, staging, sending, signal)), signal });
}

function uidsOf(copies: readonly Copy[]): number[] {
  return copies.map((copy) => copy.uid);
}

async function settledCopies(session: RoundcubeSession, mbox: string, sending: SettledSending, signal: AbortSignal): Promise<Copy[]> {
  const { messageId, settledWitnesses } = sending;
  const [witness] = settledWitnesses;
  if (witness === undefined) return [];
  const copies = await readCopies(session, mbox, attemptsCriterion({ messageId, witness }), signal);
  return copies.filter((copy) => settledWitnesses.includes(witnessIn(copy) ?? ''));
}

/** Of the attempt that stored it; what came back by SMTP has the traces of its journey on top. */
function witnessIn(copy: Copy): string | undefined {
  return copy.isOurs ? idOf(copy.traces[0] ?? '') : undefined;
}
