import { messageIdCriterion, searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';
import { readHead } from './source.ts';
import { roundcubeError } from './errors.ts';

/** Looked into one after the other. More, and a Message-ID is hardly a name. */
const MOST_CANDIDATES = 200;

/** The UIDs of messages with this Message-ID: what a search finds is a beginning, for it matches pieces. */
export async function findByMessageId(
  session: RoundcubeSession,
  place: { readonly mbox: string; readonly messageId: string },
  signal: AbortSignal,
): Promise<number[]> {
  const wanted = place.messageId.trim();
  // RFC 5322 3.6.4; nothing that a header can not hold is in one.
  if (!/^<[\x20-\x7e]{1,990}>$/.test(wanted)) return [];
  const criterion = messageIdCriterion(wanted) ?? 'HEADER MESSAGE-ID ""';
  const candidates = await searchMailbox(session, place.mbox, criterion, signal);
  if (candidates.length > MOST_CANDIDATES)
    throw roundcubeError('unavailable', 'Too many messages have a Message-ID like this one.', { host: session.host });
  const found: number[] = [];
  for (const uid of candidates) if (idOf(await readHead(session, { mbox: place.mbox, uid }, signal)) === wanted) found.push(uid);
  return found;
}

function idOf(head: string): string | undefined {
  const field = /^message-id:((?:[^\r\n]|\r?\n[ \t])*)/im.exec(head)?.[1];
  return field?.replace(/\r?\n/g, '').trim();
}
