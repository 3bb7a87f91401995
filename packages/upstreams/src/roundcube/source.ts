import { roundcubeError } from './errors.ts';
import type { RoundcubeSession } from './session.ts';

/** A header block longer than this is cut for looking into it. */
const LONGEST_HEAD = 256 * 1024;
/** Reading one message may take as long as a slow storage needs for the largest. */
const SOURCE_DEADLINE_MS = 600_000;

/**
 * The message, byte for byte, without setting \Seen. Throws `void` when nothing comes: a missing message, a missing mailbox and a storage
 * that is down all give an empty body with status 200 (Roundcube 1.6).
 */
export async function* readSource(
  session: RoundcubeSession,
  place: { mbox: string; uid: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const parameters = { _mbox: place.mbox, _uid: String(place.uid), _save: '1' };
  let isEmpty = true;
  const { bytes } = await session.download({ action: 'viewsource', parameters, signal, deadlineMs: SOURCE_DEADLINE_MS });
  for await (const chunk of bytes) {
    if (chunk.length > 0) isEmpty = false;
    yield chunk;
  }
  if (isEmpty) throw roundcubeError('void', 'The webmail gave an empty message.', { host: session.host });
}

/** The header block, with at most LONGEST_HEAD bytes; the body is not fetched further than it came along. */
export async function readHead(session: RoundcubeSession, place: { mbox: string; uid: number }, signal: AbortSignal): Promise<string> {
  let head = '';
  for await (const chunk of readSource(session, place, signal)) {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end !== -1) return head.slice(0, end + 2);
    if (head.length > LONGEST_HEAD) break;
  }
  return head.slice(0, LONGEST_HEAD);
}
