/* What is kept of every message at arrival, so that lists, searches and protocols need not open it again. Hostile text throughout, never cleaned. */

/** RFC 9051 7.5.2 ENVELOPE, RFC 8621 4.1.2.3: a group is given by its members. `name` decoded, '' where none was given. */
export interface DigestMailbox {
  readonly name: string;
  readonly address: string;
}

/** RFC 5322 3.4: the mailboxes of a list from `start` up to `end`, which is not included; in order, apart from each other. `name` decoded, never ''. */
export interface DigestGroup {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export type DigestAddressField = 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc';

export type EmptyField = 'subject' | DigestAddressField;

export interface DigestEnvelope {
  /** Undefined: no Date, or one that nobody can read. */
  readonly sentAtMs?: number;
  /** As it stands in the header, unfolded; for IMAP's ENVELOPE. */
  readonly date?: string;
  /** Decoded; '' where there is none. */
  readonly subject: string;
  /** Those of the fields below and `subject` that are there and name nothing. Undefined: none; or it was not noted yet. */
  readonly emptyFields?: readonly EmptyField[];
  readonly from: readonly DigestMailbox[];
  readonly sender: readonly DigestMailbox[];
  readonly replyTo: readonly DigestMailbox[];
  readonly to: readonly DigestMailbox[];
  readonly cc: readonly DigestMailbox[];
  readonly bcc: readonly DigestMailbox[];
  /** Of these lists, those that have groups; undefined: none has. */
  readonly groups?: Readonly<Partial<Record<DigestAddressField, readonly DigestGroup[]>>>;
  /** With their angle brackets. */
  readonly messageId?: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
}

/** One body part (RFC 9051 7.5.2 BODYSTRUCTURE). Offsets are in octets from the beginning of the message. */
export interface DigestPart {
  /** `text`, `plain`, lower case. */
  readonly type: string;
  readonly subtype: string;
  /** Lower-case names; RFC 2231 continuations and encoded words resolved. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly description?: string;
  /** Lower case; `7bit` where none is given. */
  readonly encoding: string;
  readonly disposition?: { readonly type: string; readonly parameters: Readonly<Record<string, string>> };
  readonly language?: readonly string[];
  readonly location?: string;
  readonly md5?: string;
  readonly headerStart: number;
  readonly bodyStart: number;
  /** Encoded octets of the body. */
  readonly sizeBytes: number;
  /** Of the encoded body; for text/* and message/rfc822. */
  readonly lines: number;
  /** Of a multipart. */
  readonly parts?: readonly DigestPart[];
  /** Of a message/rfc822 (or message/global) part. */
  readonly message?: { readonly envelope: DigestEnvelope; readonly structure: DigestPart };
}

export interface DigestAttachment {
  /** '' where it has none. */
  readonly name: string;
  readonly type: string;
  /** About what it is once decoded. */
  readonly sizeBytes: number;
  readonly isInline: boolean;
  /** IMAP's section number, `2.1`. */
  readonly section: string;
}

export interface MessageDigest {
  readonly sizeBytes: number;
  /** Octets that it lacks for every line to end with CRLF, the last one too: so many more are sent where lines are (RFC 1939 3). */
  readonly missingLineEndBytes: number;
  readonly envelope: DigestEnvelope;
  readonly structure: DigestPart;
  /** One line, white space folded, at most 256 characters. */
  readonly preview: string;
  readonly attachments: readonly DigestAttachment[];
  /** The readable text for the search index, in UTF-8: plain text, else HTML without its tags; bounded. It may be the memory that the message was read into. */
  readonly text: Buffer;
  /** The message could not be wholly taken apart (too deep, too many parts, ...): what is missing is not in structure and text. */
  readonly isPartial: boolean;
}
