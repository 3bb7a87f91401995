import { Readable } from 'node:stream';
import { MailError } from '@stopgap/core';
import type { AddressObject, ParsedMail } from 'mailparser';

/** mailparser holds the whole message and its decoded parts in memory. */
const MAX_VIEW_BYTES = 50 * 1024 * 1024;
/** Converting HTML to text takes time that grows with it; beyond, only the HTML is given. */
const MAX_HTML_CHARS = 1024 * 1024;

export interface MailboxView {
  /** '' where none was given. */
  readonly name: string;
  /** As it stands there; not checked. Decide by `parseAddressList`. */
  readonly address: string;
}

export interface AttachmentView {
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly contentId: string | undefined;
  readonly isInline: boolean;
  readonly sizeBytes: number;
  readonly content: Buffer;
}

/** What people see of a message. Hostile throughout: nothing here has been cleaned, the HTML least of all. */
export interface MessageView {
  readonly from: readonly MailboxView[];
  readonly to: readonly MailboxView[];
  readonly cc: readonly MailboxView[];
  readonly replyTo: readonly MailboxView[];
  readonly subject: string;
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
  readonly dateMs: number | undefined;
  /** '' also where the only text is HTML inside a multipart: mailparser converts no such part. */
  readonly text: string;
  readonly html: string | undefined;
  readonly attachments: readonly AttachmentView[];
}

/** Throws a permanent MailError `message-too-large` above `limitBytes`, `message-unreadable` for what the parser gives up on. */
export async function readView(message: Buffer | AsyncIterable<Buffer>, limitBytes: number = MAX_VIEW_BYTES): Promise<MessageView> {
  // Loaded at first use: it is most of what this package takes to start.
  const { simpleParser } = await import('mailparser');
  const source = Readable.from(limited(Buffer.isBuffer(message) ? [message] : message, limitBytes), { objectMode: false });
  try {
    return viewOf(
      await simpleParser(source, { keepCidLinks: true, skipTextToHtml: true, checksumAlgo: false, maxHtmlLengthToParse: MAX_HTML_CHARS }),
    );
  } catch (error) {
    if (error instanceof MailError) throw error;
    throw new MailError('permanent', 'the message can not be taken apart', { code: 'message-unreadable', cause: error });
  }
}

async function* limited(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, limitBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes)
      throw new MailError('permanent', 'the message is too large to be taken apart', { code: 'message-too-large' });
    yield chunk;
  }
}

function viewOf(mail: ParsedMail): MessageView {
  return {
    from: mailboxes(mail.from),
    to: mailboxes(mail.to),
    cc: mailboxes(mail.cc),
    replyTo: mailboxes(mail.replyTo),
    subject: mail.subject ?? '',
    messageId: mail.messageId,
    inReplyTo: mail.inReplyTo,
    references: [mail.references ?? []].flat(),
    dateMs: mail.date?.getTime(),
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : undefined,
    attachments: mail.attachments.map((attachment) => ({
      filename: attachment.filename,
      contentType: attachment.contentType,
      contentId: attachment.cid,
      isInline: attachment.contentDisposition === 'inline' || attachment.related === true,
      sizeBytes: attachment.size,
      content: attachment.content,
    })),
  };
}

function mailboxes(field: AddressObject | AddressObject[] | undefined): MailboxView[] {
  return [field ?? []]
    .flat()
    .flatMap((object) => object.value)
    .flatMap((entry) => entry.group ?? [entry])
    .map((entry) => ({ name: entry.name, address: entry.address ?? '' }));
}
