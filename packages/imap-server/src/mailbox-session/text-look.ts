/* Does a message hold what is looked for? Answered by its octets (RFC 9051 6.4.4). */
import { createTextFinder, headerFieldHolds, MAX_HEADER_BYTES, messageHolds } from '@stopgap/message';
import type { AskedCriteria } from './criteria.ts';

export interface TextLook {
  /** All octets are at hand. */
  whole(message: Buffer): boolean;
  /** They come in pieces; not all of them may be asked for. */
  pieces(message: AsyncIterable<Buffer>): Promise<boolean>;
}

/** @param criteria of a header field, of the body or of all there is; not '' but for the header */
export function textLook(criteria: AskedCriteria): TextLook {
  if (criteria.kind === 'header') {
    const { name, value } = criteria;
    const whole = (message: Buffer): boolean => headerFieldHolds(message, name, value);
    return { whole, pieces: async (message) => whole(await beginningOf(message)) };
  }
  const { value } = criteria;
  const place = criteria.field === 'body' ? 'body' : 'all';
  return {
    whole: (message) => messageHolds(message, value, place),
    async pieces(message) {
      const finder = createTextFinder(value, place);
      for await (const chunk of message) {
        finder.write(chunk);
        if (finder.isFound) return true;
      }
      return finder.finish();
    },
  };
}

async function beginningOf(message: AsyncIterable<Buffer>): Promise<Buffer> {
  const held: Buffer[] = [];
  let octets = 0;
  for await (const chunk of message) {
    held.push(chunk);
    octets += chunk.length;
    if (octets >= MAX_HEADER_BYTES) break;
  }
  return Buffer.concat(held);
}
