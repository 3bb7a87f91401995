import { hasCode, roundcubeError } from './errors.ts';
import { searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

/** Read ahead of whoever will have it; most messages are shorter. */
const READ_AHEAD = 256 * 1024;
const SOURCE_DEADLINE_MS = 600_000;
/** The first try, and the one after an answer that broke off. */
const MOST_TRIES = 2;

/** A message on its way, with its first bytes here. */
export interface Source {
  readonly begin: Buffer;
  /** Undefined: the webmail did not announce it, and there is more than `begin`. */
  readonly sizeBytes: number | undefined;
  /** Once. Throws when it ends before it is whole. */
  bytes(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

interface Place {
  readonly mbox: string;
  readonly uid: number;
}

/**
 * The raw source (viewsource with `_save`, Roundcube 1.6). Undefined: an empty answer, which a missing message and a storage that is down both give;
 * with `mustBeThere` that is `void`.
 */
export async function openSource(
  session: RoundcubeSession,
  place: Place,
  signal: AbortSignal,
  options: { readonly mustBeThere?: boolean } = {},
): Promise<Source | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const source = await begin(session, place, signal);
      if (source === undefined && options.mustBeThere === true)
        throw roundcubeError('void', 'The webmail gave an empty message.', { host: session.host });
      return source;
    } catch (error) {
      if (signal.aborted || tries === MOST_TRIES || !hasCode(error, 'lost', 'void')) throw error;
    }
  }
}

async function begin(session: RoundcubeSession, place: Place, signal: AbortSignal): Promise<Source | undefined> {
  const parameters = { _mbox: place.mbox, _uid: String(place.uid), _save: '1' };
  const { bytes, lengthBytes } = await session.download({ action: 'viewsource', parameters, signal, deadlineMs: SOURCE_DEADLINE_MS });
  const chunks: Buffer[] = [];
  let size = 0;
  let isWhole = false;
  while (size < READ_AHEAD && !isWhole) {
    const next = await bytes.next();
    if (next.done === true) isWhole = true;
    else {
      chunks.push(next.value);
      size += next.value.length;
    }
  }
  if (size === 0) return undefined;
  // An announced length is kept to by HTTP itself; without one only the storage knows whether that was all.
  if (isWhole && lengthBytes === undefined) await demandSize(session, place, size, signal);
  return {
    begin: Buffer.concat(chunks),
    sizeBytes: lengthBytes ?? (isWhole ? size : undefined),
    async *bytes() {
      yield* chunks;
      if (isWhole) return;
      let total = size;
      for await (const chunk of bytes) {
        total += chunk.length;
        yield chunk;
      }
      if (lengthBytes === undefined) await demandSize(session, place, total, signal);
    },
    async close() {
      await bytes.return(undefined);
    },
  };
}

async function demandSize(session: RoundcubeSession, { mbox, uid }: Place, size: number, signal: AbortSignal): Promise<void> {
  const found = await searchMailbox(session, mbox, `UID ${uid} LARGER ${size - 1} SMALLER ${size + 1}`, signal);
  if (!found.includes(uid)) throw roundcubeError('void', 'The webmail gave half a message.', { host: session.host });
}
