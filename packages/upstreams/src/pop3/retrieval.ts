import { MailError, type FetchedMessage, type RemoteMessageId } from '@stopgap/core';
import { endLength, longWithoutAddedLineEnd, readBody, withoutAddedLineEnd, type Body } from './body.ts';
import { voidAnswer } from './failures.ts';
import type { Maildrop } from './maildrop.ts';
import { Pipe, type Asked } from './pipe.ts';
import { refusalOf, type Pop3Reply } from './reply.ts';

/**
 * How messages are asked for. RETR marks them as read on some servers (Dovecot, even without QUIT); TOP does not, and with more lines than there are it
 * gives the whole message (RFC 1939 7). Some proxies cut it, though: it counts only where it is as long as LIST says.
 */
export type Way = 'top' | 'retr';

export interface Retrieval {
  readonly maildrop: Maildrop;
  readonly way: Way;
  readonly signal: AbortSignal;
  /** TOP has given another length than LIST: this server is to be asked by RETR from now on. */
  readonly onDoubtfulTop: () => void;
}

/** The messages with these ids, in their order; those that are gone are left out. */
export async function* retrieve(ids: readonly RemoteMessageId[], options: Retrieval): AsyncGenerator<FetchedMessage, void, undefined> {
  const { maildrop, way, signal } = options;
  const connection = await maildrop.connection(signal);
  const wanted = await find(ids, maildrop, signal);
  const pipe = new Pipe(connection, { wanted, way, isPipelined: maildrop.offers('PIPELINING') });
  const refused: RemoteMessageId[] = [];
  let unread: Body | undefined;
  try {
    for (const [index, asked] of wanted.entries()) {
      const answer = await pipe.answer(index);
      maildrop.noteTaken();
      if (!answer.isOk) {
        throwIfTrouble(answer, maildrop.host);
        refused.push(asked.id);
        continue;
      }
      const body = await readBody(connection.octets(answer));
      unread = body;
      if (body.kind === 'long') {
        yield { id: asked.id, ...sizeOf(asked.sizeBytes), completeness: 'raw', bytes: longBytes(asked, body.octets, options) };
      } else if (way === 'top' && !isAsListed(body.octets.length, endLength(body.octets), asked)) {
        options.onDoubtfulTop();
        // What is on its way is of no use any more.
        connection.drop();
        yield* retrieve(
          wanted.slice(index).map(({ id }) => id),
          { ...options, way: 'retr' },
        );
        break;
      } else {
        const octets = withoutAddedLineEnd(body.octets, asked.sizeBytes);
        yield { id: asked.id, sizeBytes: octets.length, completeness: 'raw', bytes: once(octets) };
      }
      await pipe.passOver(body);
      unread = undefined;
    }
  } finally {
    await pipe.leave(unread);
  }
  if (refused.length > 0) await throwIfThere(refused, options);
}

/** A refusal says little: another session may have deleted it meanwhile, or it can not be read. Only a new look tells. */
async function throwIfThere(refused: readonly RemoteMessageId[], { maildrop, signal }: Retrieval): Promise<void> {
  const known = await maildrop.lookAgain(signal);
  const [there] = known === undefined ? refused : refused.filter((id) => known.numbers.has(id));
  if (there !== undefined) throw voidAnswer(maildrop.host, `names message ${there} and does not give it`);
}

async function find(ids: readonly RemoteMessageId[], maildrop: Maildrop, signal: AbortSignal): Promise<readonly Asked[]> {
  const { numbers } = await maildrop.current(signal);
  const sizes = await maildrop.sizes(signal);
  return ids.flatMap((id): Asked[] => {
    const number = numbers.get(id);
    return number === undefined ? [] : [{ id, number, sizeBytes: sizes.get(number) }];
  });
}

/** Without a `return`, so that who stops reading does not end what has still to be skipped. */
function longBytes(
  asked: Asked,
  octets: AsyncGenerator<Buffer, void, undefined>,
  { way, maildrop, onDoubtfulTop }: Retrieval,
): AsyncIterable<Buffer> {
  const bytes = longWithoutAddedLineEnd(octets, asked.sizeBytes, (length, added) => {
    if (way !== 'top' || isAsListed(length, added, asked)) return;
    onDoubtfulTop();
    throw voidAnswer(maildrop.host, `gave ${length} octets of a message of ${asked.sizeBytes ?? 'unknown length'}`);
  });
  return { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) };
}

function isAsListed(length: number, added: number, { sizeBytes }: Asked): boolean {
  return length === sizeBytes || length - added === sizeBytes;
}

/** Trouble of the server is not about this message. */
function throwIfTrouble(answer: Pop3Reply, host: string): void {
  if (answer.code !== 'SYS/TEMP' && answer.code !== 'IN-USE') return;
  const reason = refusalOf(answer, host);
  throw new MailError('transient', reason.text, { code: 'refused', reason });
}

function sizeOf(sizeBytes: number | undefined): { readonly sizeBytes?: number } {
  return sizeBytes === undefined ? {} : { sizeBytes };
}

async function* once(octets: Buffer): AsyncGenerator<Buffer, void, undefined> {
  if (octets.length > 0) yield octets;
}
