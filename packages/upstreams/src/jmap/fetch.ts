import { asId, type FetchedMessage, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { getEmails, getMailboxIds, valueOf, type DownloadedBlob, type Email } from '@stopgap/jmap';
import { isJmapId, slices, type MailAccount } from './account.ts';
import { mailboxMissing, voidAnswer } from './failures.ts';
import { isIn, LISTED, remoteMessage, type ListedEmail } from './remote-message.ts';

const TYPE = 'message/rfc822';
const MESSAGES_A_CALL = 100;
/**
 * So many downloads are begun before they are needed, as far as the server allows; their bytes wait at its side. Side by side they make up for servers that
 * wait for an acknowledgement in the middle of an answer (Cyrus 3.6: 45 ms for each on a kept connection).
 */
const MOST_AHEAD = 4;

type FetchableEmail = ListedEmail & Pick<Email, 'blobId'>;
type Property = 'blobId' | (typeof LISTED)[number];

interface Begun {
  readonly email: FetchableEmail;
  readonly blob: Promise<DownloadedBlob | undefined>;
}

/** Whole messages in the order of `ids`, byte for byte (RFC 8621 4.1: blobId is the raw message). */
export async function* fetchMessages(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  ids: readonly RemoteMessageId[],
  signal: AbortSignal,
): AsyncGenerator<FetchedMessage> {
  const begun: Begun[] = [];
  const ahead = Math.min(MOST_AHEAD, account.client.session.limits.maxConcurrentRequests - 1);
  try {
    for await (const email of emailsOf(account, { mailbox, ids, properties: ['blobId', ...LISTED] }, signal)) {
      begun.push(begin(account, email, signal));
      if (begun.length > ahead) yield* taken(account, begun, { mailbox, signal });
    }
    while (begun.length > 0) yield* taken(account, begun, { mailbox, signal });
  } finally {
    for (const { blob } of begun) void blob.then((open) => open?.discard()).catch(() => undefined);
  }
}

interface Wanted<P extends Property> {
  readonly mailbox: RemoteMailboxId;
  readonly ids: readonly RemoteMessageId[];
  readonly properties: readonly P[];
}

/** Those of these ids that are in the mailbox now. */
async function* emailsOf<P extends Property>(
  { client, accountId, host }: MailAccount,
  { mailbox, ids, properties }: Wanted<P>,
  signal: AbortSignal,
): AsyncGenerator<Pick<Email, P | 'id' | 'mailboxIds'>> {
  const askable = [...new Set<string>(ids)].filter(isJmapId);
  const most = Math.min(MESSAGES_A_CALL, client.session.limits.maxObjectsInGet);
  if (!isJmapId(mailbox)) throw mailboxMissing(host);
  for (const some of slices(askable, most)) {
    const calls = [getMailboxIds(accountId, [mailbox]), getEmails(accountId, some, ['mailboxIds', ...properties])] as const;
    const [there, got] = await client.batch(calls, signal);
    if (valueOf(there).list.length === 0) throw mailboxMissing(host);
    const { list, notFound } = valueOf(got);
    const byId = new Map(list.map((email) => [email.id, email]));
    const gone = new Set(notFound);
    for (const id of some) {
      const email = byId.get(id);
      if (email === undefined && !gone.has(id)) throw voidAnswer(`${host} says nothing of a message.`, host);
      if (email !== undefined && isIn(email, mailbox)) yield email;
    }
  }
}

function begin({ client, accountId }: MailAccount, email: FetchableEmail, signal: AbortSignal): Begun {
  const blob = client.download({ accountId, blobId: email.blobId, type: TYPE, name: `${email.id}.eml` }, signal);
  // Whoever takes it hears of a failure; one that nobody takes is nobody's.
  blob.catch(() => undefined);
  return { email, blob };
}

async function* taken(
  account: MailAccount,
  begun: Begun[],
  at: { readonly mailbox: RemoteMailboxId; readonly signal: AbortSignal },
): AsyncGenerator<FetchedMessage> {
  const [next] = begun;
  if (next === undefined) return;
  const blob = await next.blob;
  begun.shift();
  if (blob === undefined) return demandGone(account, next.email.id, at);
  try {
    if (blob.type.startsWith('text/html')) throw voidAnswer(`${account.host} sends a page instead of a message.`, account.host);
    const { email } = next;
    yield {
      ...remoteMessage(email),
      id: asId.remoteMessage(email.id),
      completeness: 'raw',
      bytes: wholeOf(blob, email.size, account.host),
    };
  } finally {
    blob.discard();
  }
}

/** A blob that is not there may be that of a message that is. */
async function demandGone(
  account: MailAccount,
  id: string,
  { mailbox, signal }: { readonly mailbox: RemoteMailboxId; readonly signal: AbortSignal },
): Promise<void> {
  const ids = [asId.remoteMessage(id)];
  for await (const email of emailsOf(account, { mailbox, ids, properties: [] }, signal))
    throw voidAnswer(`${account.host} has the message ${email.id}, and not its bytes.`, account.host);
}

async function* wholeOf(blob: DownloadedBlob, sizeBytes: number, host: string): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of blob.bytes) {
    size += chunk.length;
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
  if (size !== sizeBytes) throw voidAnswer(`${host} sends ${size} of the ${sizeBytes} bytes of a message.`, host);
}
