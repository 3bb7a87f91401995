/*
 * How a message begins: empty, as an answer, forwarded, or as a draft that is taken up again.
 */
import type { OwnIdentity } from '../api/identities.ts';
import type { EmailAddress, Message } from '../api/methods.ts';
import { fullName, plainText, shortName } from '../list/address-text.ts';
import { attachmentsOf, escaped, htmlOf, textOf } from '../reader/message-text.ts';
import type { TakenUp } from '../offline/kept-drafts.ts';
import type { Words } from '../words/en.ts';
import { emptyDraft, type Draft, type DraftAttachment } from './draft.ts';
import { readMailto, type Mailto } from './mailto.ts';
import { added } from './recipients.ts';

export type ComposerStart =
  | { readonly kind: 'new' }
  /** A draft of this browser. */
  | { readonly kind: 'kept'; readonly taken: TakenUp }
  | { readonly kind: 'mailto'; readonly link: string }
  | { readonly kind: 'reply' | 'replyAll' | 'forward' | 'draft'; readonly messageId: string };

/** Both empty: there is none. */
export interface Signature {
  readonly text: string;
  readonly html: string;
}

export interface StartOptions {
  readonly words: Words;
  readonly longDate: (iso: string) => string;
  /** The person's own addresses, which an answer to all leaves out. */
  readonly own: readonly string[];
  readonly writesRich: boolean;
  readonly signature: Signature;
  readonly messageId: string;
  readonly textOfHtml: (html: string) => string;
}

/** References of a long conversation; the first and the last ones are what threads hang on. */
const MOST_REFERENCES = 20;
const REPLY_PREFIX = /^(?:re|aw|antw|sv|vs)(?:\[\d+\])?:\s*/i;
const FORWARD_PREFIX = /^(?:fwd?|wg|tr)(?:\[\d+\])?:\s*/i;

/**
 * What a window begins with; or why there is none: the message is not there any more, or the draft is not here as a whole, and the rest would be lost with it.
 * @param message that it is about
 */
export function firstDraft(start: ComposerStart, message: Message | null | undefined, options: StartOptions): Draft | 'gone' | 'tooLong' {
  if (start.kind === 'new') return newDraft(options);
  if (start.kind === 'mailto') return newDraft(options, readMailto(start.link));
  if (start.kind === 'kept') return start.taken.kept.draft;
  if (message === null || message === undefined) return 'gone';
  switch (start.kind) {
    case 'reply':
    case 'replyAll':
      return replyDraft(message, start.kind === 'replyAll', options);
    case 'forward':
      return forwardDraft(message, options);
    case 'draft':
      return (htmlOf(message) ?? textOf(message))?.isTruncated === true ? 'tooLong' : takenUpDraft(message, options);
  }
}

export function newDraft({ writesRich, signature, messageId }: StartOptions, asked?: Mailto): Draft {
  const { to = [], cc = [], subject = '', text: body = '' } = asked ?? {};
  const { text, html } = signature;
  return {
    ...emptyDraft(messageId),
    to,
    cc,
    subject,
    isRich: writesRich,
    text: writesRich ? '' : text === '' ? body : `${body}\n\n-- \n${text}`,
    html: writesRich ? (html === '' ? htmlOfText(body) : `${htmlOfText(`${body}\n\n-- `)}${html}`) : '',
  };
}

export function replyDraft(message: Message, isToAll: boolean, options: StartOptions): Draft {
  const { words, longDate } = options;
  const [sender] = message.from ?? [];
  const head = words.write.quote(
    longDate(message.sentAt ?? message.receivedAt),
    sender === undefined ? words.list.noSender : shortName(sender),
  );
  const body = answerBody(message, options, { head, isQuoted: true });
  return {
    ...emptyDraft(options.messageId),
    ...body,
    ...recipientsOfReply(message, isToAll, options.own),
    subject: prefixed('Re: ', message.subject, REPLY_PREFIX),
    ...threadOf(message),
    about: { id: message.id, keyword: '$answered' },
  };
}

export function forwardDraft(message: Message, options: StartOptions): Draft {
  const { words, longDate } = options;
  const rows: readonly [string, string][] = [
    [words.read.from, (message.from ?? []).map(fullName).join(', ')],
    [words.read.date, longDate(message.sentAt ?? message.receivedAt)],
    [words.write.subject, plainText(message.subject ?? '')],
    [words.read.to, (message.to ?? []).map(fullName).join(', ')],
    [words.read.cc, (message.cc ?? []).map(fullName).join(', ')],
  ];
  const head = [
    `---------- ${words.write.forwarded} ----------`,
    ...rows.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`),
    '',
  ].join('\n');
  return {
    ...emptyDraft(options.messageId),
    ...answerBody(message, options, { head, isQuoted: false }),
    subject: prefixed('Fwd: ', message.subject, FORWARD_PREFIX),
    references: threadOf(message).references,
    attachments: attachmentsIn(message),
    about: { id: message.id, keyword: '$forwarded' },
  };
}

/** Under a new Message-ID, by which what this window lays is known: of what another one makes of the same draft it takes nothing away. */
export function takenUpDraft(message: Message, { messageId, textOfHtml }: StartOptions): Draft {
  const html = htmlOf(message)?.value;
  return {
    ...emptyDraft(messageId),
    to: message.to ?? [],
    cc: message.cc ?? [],
    bcc: message.bcc ?? [],
    subject: message.subject ?? '',
    isRich: html !== undefined,
    html: html ?? '',
    text: html === undefined ? (textOf(message)?.value ?? '') : textOfHtml(html),
    inReplyTo: message.inReplyTo ?? [],
    references: message.references ?? [],
    attachments: attachmentsIn(message, html),
  };
}

/** RFC 5322 3.6.3; what one wrote oneself is answered to whom it was for. */
function recipientsOfReply(message: Message, isToAll: boolean, own: readonly string[]): Pick<Draft, 'to' | 'cc'> {
  const mine = new Set(own.map((one) => one.toLowerCase()));
  const others = (addresses: readonly EmailAddress[] | null): EmailAddress[] =>
    (addresses ?? []).filter(({ email }) => !mine.has(email.toLowerCase()));
  const senders = message.replyTo !== null && message.replyTo.length > 0 ? message.replyTo : (message.from ?? []);
  const isOwn = others(senders).length === 0;
  const to = isOwn ? (message.to ?? []) : others(senders);
  if (!isToAll) return { to: isOwn ? to : senders, cc: [] };
  const all = added(to, others(message.to));
  return { to: all, cc: added(all, others(message.cc)).slice(all.length) };
}

/** RFC 5322 3.6.4 */
function threadOf({ messageId, references, inReplyTo }: Message): Pick<Draft, 'inReplyTo' | 'references'> {
  const before = references !== null && references.length > 0 ? references : inReplyTo?.length === 1 ? inReplyTo : [];
  const all = [...before, ...(messageId ?? [])];
  const kept = all.length > MOST_REFERENCES ? [...all.slice(0, 1), ...all.slice(1 - MOST_REFERENCES)] : all;
  return { inReplyTo: messageId ?? [], references: kept };
}

interface AnswerShape {
  readonly head: string;
  readonly isQuoted: boolean;
}

/** Room to write, one's signature, then what was said before. Rich only where the other message is. */
function answerBody(
  message: Message,
  { writesRich, signature, textOfHtml }: StartOptions,
  { head, isQuoted }: AnswerShape,
): Pick<Draft, 'isRich' | 'text' | 'html'> {
  const html = htmlOf(message)?.value;
  const isRich = writesRich && html !== undefined;
  if (isRich) {
    const mine = signature.html === '' ? htmlOfText('\n\n') : `${htmlOfText('\n')}${signature.html}${htmlOfText('\n')}`;
    const quoted = isQuoted ? `<blockquote type="cite">${html}</blockquote>` : `<div>${html}</div>`;
    return { isRich, text: '', html: `${mine}${htmlOfText(head)}${quoted}` };
  }
  const mine = signature.text === '' ? '\n\n' : `\n\n${signature.text}\n\n`;
  const text = textOf(message)?.value ?? textOfHtml(html ?? '');
  return { isRich, html: '', text: `${mine}${head}\n${isQuoted ? quotedText(text) : text}` };
}

/** RFC 3676 4.5: one more mark; the signature is not quoted. */
export function quotedText(text: string): string {
  const [own = ''] = text.replaceAll('\r\n', '\n').split(/^-- $/m);
  return own
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('>') ? `>${line}` : line === '' ? '>' : `> ${line}`))
    .join('\n');
}

/** One that another program made may be in one form only. */
export function signatureOf(
  { textSignature = '', htmlSignature = '' }: Pick<OwnIdentity, 'textSignature' | 'htmlSignature'>,
  textOfHtml: (html: string) => string,
): Signature {
  return {
    text: textSignature === '' && htmlSignature !== '' ? textOfHtml(htmlSignature).trim() : textSignature,
    html: htmlSignature === '' && textSignature !== '' ? htmlOfText(textSignature) : htmlSignature,
  };
}

export function htmlOfText(text: string): string {
  return text
    .split('\n')
    .map((line) => `<div>${line === '' ? '<br>' : escaped(line)}</div>`)
    .join('');
}

function prefixed(prefix: string, subject: string | null, known: RegExp): string {
  const plain = plainText(subject ?? '');
  return known.test(plain) ? plain : `${prefix}${plain}`;
}

/** @param html of the draft: images that it names stand within it */
function attachmentsIn(message: Message, html = ''): DraftAttachment[] {
  return attachmentsOf(message).flatMap(({ blobId, name, type, size, cid }) =>
    blobId === null
      ? []
      : [
          {
            key: blobId,
            name: name === null ? type.replace('/', '.') : plainText(name),
            type,
            sizeBytes: size,
            blobId,
            progress: 1,
            isFailed: false,
            ...(cid !== null && html.includes(`cid:${cid}`) ? { cid } : {}),
          },
        ],
  );
}
