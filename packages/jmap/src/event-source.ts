import { z } from 'zod';

/** A server that sends more without a line end, or more of one event, is none of ours. */
const LONGEST_LINE = 64 * 1024;
const LONGEST_EVENT = 256 * 1024;

export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/** RFC 8620 7.1: which types have a new state, by account. */
export const stateChangeSchema = z.object({ changed: z.record(z.string(), z.record(z.string(), z.string())) });

/** A stream of events as text/event-stream has them. Ends with the stream, and at the first thing that is too long. */
export async function* parseEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  let type = '';
  let data: string[] = [];
  let size = 0;
  for await (const line of linesOf(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { type: type === '' ? 'message' : type, data: data.join('\n') };
      type = '';
      data = [];
      size = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') type = value;
    if (field !== 'data') continue;
    size += value.length + 1;
    if (size > LONGEST_EVENT) return;
    data.push(value);
  }
}

/** Ended by CR, LF or both. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (;;) {
      const end = endOfLine(rest, from);
      if (end === undefined) break;
      yield rest.slice(from, end.at);
      from = end.next;
    }
    rest = rest.slice(from);
    if (rest.length > LONGEST_LINE) return;
  }
}

/** A CR that came last may have its LF still to come. */
function endOfLine(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\n') return { at, next: at + 1 };
    if (text[at] !== '\r') continue;
    if (at + 1 === text.length) return undefined;
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return undefined;
}
