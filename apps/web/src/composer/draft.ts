import type { EmailAddress, NewEmail } from '../api/methods.ts';

export interface DraftAttachment {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** What it is made of, if it came from this device. */
  readonly file?: Blob;
  /** Its Content-ID: it stands within the text. */
  readonly cid?: string;
  /** Undefined: not there yet. */
  readonly blobId: string | undefined;
  /** 0 to 1 */
  readonly progress: number;
  readonly isFailed: boolean;
  /** It goes up when there is a connection. */
  readonly isWaiting?: boolean;
}

/** A message while it is written. */
export interface Draft {
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly subject: string;
  readonly isRich: boolean;
  /** While it is plain. */
  readonly text: string;
  /** While it is rich. */
  readonly html: string;
  readonly attachments: readonly DraftAttachment[];
  /** Made once: by it the relay knows the same message again. */
  readonly messageId: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** The message that it answers or forwards, to be marked so when this one is sent. */
  readonly about: { readonly id: string; readonly keyword: '$answered' | '$forwarded' } | undefined;
}

export interface DraftPlace {
  readonly from: EmailAddress;
  readonly draftsId: string;
  readonly nowMs: number;
  /** What is readable of the HTML. */
  readonly textOfHtml: (html: string) => string;
}

export function emptyDraft(messageId: string): Draft {
  return {
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    isRich: false,
    text: '',
    html: '',
    attachments: [],
    messageId,
    inReplyTo: [],
    references: [],
    about: undefined,
  };
}

/** RFC 5322 3.6.4; nothing in it tells of the machine it was made on. */
export function newMessageId(address: string, random: string): string {
  return `${random}@${address.slice(address.lastIndexOf('@') + 1).toLowerCase()}`;
}

export function isEmptyDraft(draft: Draft, first: Draft): boolean {
  const { about: _, messageId: __, ...content } = draft;
  const { about: ___, messageId: ____, ...before } = first;
  return JSON.stringify(content) === JSON.stringify(before);
}

/** Those that stand in the text; of plain text there are none. */
export function isShownInText(
  { cid }: Pick<DraftAttachment, 'cid'>,
  { isRich, html }: { readonly isRich: boolean; readonly html: string },
): boolean {
  return cid !== undefined && isRich && html.includes(`cid:${cid}`);
}

/** As what a file is laid; undefined: not at all, as it is not up, or was taken out of the text again. */
export function laidAs(one: DraftAttachment, draft: Pick<Draft, 'isRich' | 'html'>): 'attachment' | 'inline' | undefined {
  if (one.blobId === undefined) return undefined;
  if (one.cid === undefined || !draft.isRich) return 'attachment';
  return isShownInText(one, draft) ? 'inline' : undefined;
}

/** As it is laid into Drafts (RFC 8621 4.6). */
export function emailOf(draft: Draft, { from, draftsId, nowMs, textOfHtml }: DraftPlace): NewEmail {
  const attachments = draft.attachments.flatMap((one): NonNullable<NewEmail['attachments']> => {
    const { blobId, type, name, cid } = one;
    const disposition = laidAs(one, draft);
    if (blobId === undefined || disposition === undefined) return [];
    return [{ blobId, type, name, disposition, ...(disposition === 'inline' && cid !== undefined ? { cid } : {}) }];
  });
  return {
    mailboxIds: { [draftsId]: true },
    keywords: { $draft: true, $seen: true },
    from: [from],
    to: draft.to,
    cc: draft.cc,
    bcc: draft.bcc,
    subject: draft.subject,
    sentAt: dateWithZone(nowMs),
    messageId: [draft.messageId],
    ...(draft.inReplyTo.length === 0 ? {} : { inReplyTo: draft.inReplyTo }),
    ...(draft.references.length === 0 ? {} : { references: draft.references }),
    textBody: [{ partId: 'text', type: 'text/plain' }],
    ...(draft.isRich ? { htmlBody: [{ partId: 'html', type: 'text/html' }] } : {}),
    ...(attachments.length === 0 ? {} : { attachments }),
    bodyValues: {
      text: { value: draft.isRich ? textOfHtml(draft.html) : draft.text },
      ...(draft.isRich ? { html: { value: pageOf(draft.html) } } : {}),
    },
  };
}

export function pageOf(html: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"></head><body>${html}</body></html>`;
}

/** RFC 8620 1.4, `Date`: the time where the person is. */
function dateWithZone(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  if (minutes === 0) return `${local}Z`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
