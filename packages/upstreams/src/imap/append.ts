import { messageOf, type RemoteAppend, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { keptFlags, selectToChange } from './change-flags.ts';
import { atom, nameArgument, string, type Argument, type ImapConnection } from './connection.ts';
import { imapError } from './errors.ts';
import { findMessages } from './find.ts';
import { codeOf, numberOf, textOf, type Response } from './response.ts';
import { idOf } from './uid-set.ts';

/** imapflow takes a message as one piece, so it is in memory while it is stored. */
const LARGEST_APPEND_BYTES = 64_000_000;

export interface AppendAsked {
  readonly mailbox: RemoteMailboxId;
  readonly message: RemoteAppend;
  readonly signal: AbortSignal;
}

/** Stored when it resolves; undefined: the server did not name the id, and it was not found by its Message-ID alone. */
export async function appendMessage(
  connection: ImapConnection,
  { mailbox, message, signal }: AppendAsked,
): Promise<RemoteMessageId | undefined> {
  const bytes = await readWhole(message);
  // Before the octets: is it there, and which flags does it keep?
  const box = await selectToChange(connection, mailbox, signal);
  const response = await sent(connection, signal, [
    nameArgument(mailbox),
    keptFlags(message.flags, box).map(atom),
    string(imapDate(message.receivedAtMs)),
    // RFC 3516: a NUL needs a literal8, where the server knows it.
    { type: 'LITERAL', value: bytes, isLiteral8: connection.can('BINARY') && bytes.includes(0) },
  ]);
  const code = codeOf(response);
  const uid = code?.name === 'APPENDUID' && textOf(code.values[0]) === box.validity ? numberOf(textOf(code.values[1])) : undefined;
  if (uid !== undefined) return idOf(uid);
  if (message.messageId === undefined || box.uidNext === undefined) return undefined;
  return onlyNew(connection, { mailbox, messageId: message.messageId, from: box.uidNext, signal });
}

/** Once the octets may have left, only an answer is an answer. */
async function sent(connection: ImapConnection, signal: AbortSignal, args: readonly Argument[]): Promise<Response> {
  try {
    return await connection.command('APPEND', args, { signal });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'session-ended' && code !== 'cancelled' && code !== 'void') throw error;
    const { host } = connection;
    throw imapError('transient', 'lost-answer', `${host} may have stored a message: ${messageOf(error)}`, {
      class: 'lost-answer',
      host,
      cause: error,
    });
  }
}

/** It is stored: nothing that goes wrong now may look like a failure. */
async function onlyNew(
  connection: ImapConnection,
  asked: { readonly mailbox: RemoteMailboxId; readonly messageId: string; readonly from: number; readonly signal: AbortSignal },
): Promise<RemoteMessageId | undefined> {
  try {
    const found = await findMessages(connection, asked);
    return found.length === 1 ? found[0] : undefined;
  } catch {
    return undefined;
  }
}

async function readWhole(message: RemoteAppend): Promise<Buffer> {
  if (message.sizeBytes > LARGEST_APPEND_BYTES) {
    throw imapError('permanent', 'too-big', `a message of ${message.sizeBytes} octets is not stored by this path`, { class: 'too-big' });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of message.open()) {
      length += chunk.length;
      if (length > message.sizeBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw imapError('transient', 'unreadable', `a message could not be read: ${messageOf(error)}`, { class: 'internal', cause: error });
  }
  if (length !== message.sizeBytes) {
    throw imapError('transient', 'unreadable', 'a message has not the size it was said to have', { class: 'internal' });
  }
  return Buffer.concat(chunks, length);
}

/** RFC 9051 date-time. */
function imapDate(ms: number): string {
  const [, day = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}
