import type { MessageDigest } from '../digest-types.ts';
import { attachmentsOf } from './attachments.ts';
import { BOUNDS } from './bounds.ts';
import { readEnvelope } from './envelope.ts';
import { MimeWalk } from './mime-walk.ts';
import { finishedPart, type Part } from './part.ts';
import { ReadableText } from './readable-text.ts';

/** Smaller pieces are gathered, so that the work does not depend on how the message is cut. */
const GATHERED_BYTES = 64 * 1024;

export interface Digester {
  /** The memory must stay as it is until `finish`. */
  write(chunk: Buffer): void;
  /** Once, after the last chunk. */
  finish(): MessageDigest;
}

/**
 * Takes a message apart while it passes by. Never throws, whatever the bytes; holds at most the header and the text up to their bounds, one chunk and
 * 64 KB; time is linear in the bytes.
 */
export function createDigester(): Digester {
  const text = new ReadableText(BOUNDS);
  const wanted = new Set<Part>();
  const walk = new MimeWalk(
    {
      partOpened(part) {
        const isWanted = text.wants(part);
        if (isWanted) wanted.add(part);
        return isWanted;
      },
      bodyBytes: (_, bytes) => text.add(bytes),
      partClosed(part) {
        if (wanted.delete(part)) text.close(part);
      },
    },
    BOUNDS,
  );
  let sizeBytes = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const push = (isLast: boolean) => {
    const [first] = waiting;
    const bytes = waiting.length === 1 && first !== undefined ? first : Buffer.concat(waiting);
    const done = walk.push(bytes, isLast);
    // A copy, so that the few bytes that are left do not hold the whole chunk.
    waiting = done < bytes.length ? [Buffer.from(bytes.subarray(done))] : [];
    waitingBytes = 0;
  };
  return {
    write(chunk) {
      sizeBytes += chunk.length;
      waitingBytes += chunk.length;
      if (chunk.length > 0) waiting.push(chunk);
      if (waitingBytes >= GATHERED_BYTES) push(false);
    },
    finish() {
      push(true);
      const structure = finishedPart(walk.root);
      const { text: readable, preview } = text.finish();
      return {
        sizeBytes,
        missingLineEndBytes: walk.lineEnds.missingBytes,
        envelope: walk.root.envelope ?? readEnvelope(new Map()),
        structure,
        preview,
        attachments: attachmentsOf(structure),
        text: readable,
        isPartial: walk.isPartial || text.isCut,
      };
    },
  };
}

export function digestOf(message: Buffer): MessageDigest {
  const digester = createDigester();
  digester.write(message);
  return digester.finish();
}
