/*
 * An append whose end is not known, and whose message is not where it was put: it did not come about, or somebody moved it on before it was looked for.
 * If upstream has one message of its content more than before, in whatever mailbox, that is the one. One that took the place of another, which has gone
 * since, was only moved; and what was appended here, too, is another append's.
 */
import type { MessageId } from '@stopgap/core';
import { messageIdKey } from '@stopgap/mailbox';
import {
  findKept,
  findMessage,
  findMessageView,
  isAppended,
  listAccountMessagesByContent,
  listMessagesByMessageId,
  type BegunAppend,
  type MessageRow,
  type Reader,
} from '@stopgap/store';
import { idsOf, type Carrier } from './carrier.ts';
import { looseHash } from './content.ts';
import { contentOf } from './space.ts';

/** Equal messages that are told apart, the newest. */
const MOST_EQUAL = 100;
/** Messages of one Message-ID that are compared byte by byte, the newest. */
const MOST_COMPARED = 20;

/** What must be known of an append before it is begun. */
export function begunAppend(reader: Reader, message: MessageId): BegunAppend {
  return { equal: equalTo(reader, message).map(({ id }) => id) };
}

/** What it came to; undefined: upstream has no more of this content than before. */
export async function strayOf(carrier: Carrier, message: MessageId, { equal }: BegunAppend): Promise<MessageId | undefined> {
  const { store } = carrier.round.deps;
  const { same, named } = store.read((reader) => {
    const isNew = ({ id, account }: MessageRow): boolean =>
      id > message && !equal.includes(id) && isListed(carrier, id) && !isAppended(reader, { account, message: id });
    return { same: equalTo(reader, message).filter(isNew), named: namedAs(reader, message).filter(isNew).slice(-MOST_COMPARED) };
  });
  const changed = named.filter(({ id }) => !same.some((one) => one.id === id));
  const own = changed.length > 0 ? await looselyHashed(carrier, message) : undefined;
  const come = same.map(({ id }) => id);
  for (const { id } of changed) if (own !== undefined && (await looselyHashed(carrier, id)) === own) come.push(id);
  const gone = store.read((reader) => equal.filter((id) => isGone(reader, carrier, id)));
  return come.length > gone.length ? come[0] : undefined;
}

/** There no more, as far as can be seen. */
function isGone(reader: Reader, carrier: Carrier, id: MessageId): boolean {
  const message = findMessage(reader, id);
  if (!message) return findKept(reader, id)?.by === 'upstream';
  return !isListed(carrier, id) && !isAppended(reader, { account: message.account, message: id });
}

function equalTo(reader: Reader, id: MessageId): readonly MessageRow[] {
  const message = findMessage(reader, id);
  const hash = findMessageView(reader, id)?.hash;
  if (!message || hash === undefined) return [];
  return listAccountMessagesByContent(reader, message.account, { hash, limit: MOST_EQUAL }).filter((other) => other.id !== id);
}

function namedAs(reader: Reader, id: MessageId): readonly MessageRow[] {
  const account = findMessage(reader, id)?.account;
  const text = findMessageView(reader, id)?.envelope.messageId;
  if (account === undefined || text === undefined) return [];
  return listMessagesByMessageId(reader, account, { key: messageIdKey(text), text });
}

function isListed(carrier: Carrier, message: MessageId): boolean {
  return idsOf(carrier, message).some((row) => row.missedAtMs === undefined);
}

/** Undefined: not all of it is here. */
async function looselyHashed({ round }: Carrier, message: MessageId): Promise<string | undefined> {
  const content = round.deps.store.read((reader) => contentOf(reader, message));
  return content && looseHash(round.deps.store.blobs.open(content.blob), { isBelowTrace: false });
}
