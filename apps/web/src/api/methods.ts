/*
 * What is asked of the relay by JMAP (RFC 8620, 8621), as types. The relay and this client come out of one build, so answers are not checked field
 * by field here: the server's own tests hold it to these shapes.
 */
import type { Email, EmailAddress, Identity, SetError } from '@stopgap/jmap';
import type { OutboxMethods } from './outbox-methods.ts';

export type { EmailAddress } from '@stopgap/jmap';

export interface Mailbox {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly role: string | null;
  readonly sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
}

export const SUMMARY_PROPERTIES = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'hasAttachment',
  'from',
  'to',
  'subject',
  'receivedAt',
  'size',
  'preview',
] as const satisfies readonly (keyof Email)[];
/** A line of a list. */
export type Summary = Pick<Email, (typeof SUMMARY_PROPERTIES)[number]>;

export const MEMBER_PROPERTIES = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'hasAttachment',
  'from',
  'receivedAt',
] as const satisfies readonly (keyof Email)[];
/** One of a conversation, as far as a line of a list tells of it. */
export type Member = Pick<Email, (typeof MEMBER_PROPERTIES)[number]>;

/** RFC 8621 4.1.4 */
export interface BodyPart {
  readonly partId: string | null;
  readonly blobId: string | null;
  readonly size: number;
  readonly name: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
}

export interface BodyValue {
  readonly value: string;
  readonly isTruncated: boolean;
  readonly isEncodingProblem: boolean;
}

export const MESSAGE_PROPERTIES = [
  ...SUMMARY_PROPERTIES,
  'blobId',
  'messageId',
  'inReplyTo',
  'references',
  'cc',
  'bcc',
  'replyTo',
  'sentAt',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
] as const;
/** A message to be read. */
export interface Message
  extends Summary, Pick<Email, 'blobId' | 'messageId' | 'inReplyTo' | 'references' | 'cc' | 'bcc' | 'replyTo' | 'sentAt'> {
  readonly textBody: readonly BodyPart[];
  readonly htmlBody: readonly BodyPart[];
  readonly attachments: readonly BodyPart[];
  readonly bodyValues: Readonly<Record<string, BodyValue>>;
}

/** RFC 8621 4.4.1, as far as this client asks. */
export interface FilterCondition {
  readonly inMailbox?: string;
  readonly inMailboxOtherThan?: readonly string[];
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject?: string;
  readonly body?: string;
  readonly hasAttachment?: boolean;
  /** UTCDate */
  readonly before?: string;
  readonly after?: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly hasKeyword?: string;
  readonly notKeyword?: string;
}
export type Filter = FilterCondition | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly Filter[] };

/** RFC 8621 5: HTML, of which nothing but `mark` is an element. Null: nothing is found in it. */
export interface Snippet {
  readonly emailId: string;
  readonly subject: string | null;
  readonly preview: string | null;
}

/** RFC 8620 3.7 */
interface FromEarlier {
  readonly resultOf: string;
  readonly name: string;
  readonly path: string;
}
type Ids = { readonly ids: readonly string[] | null } | { readonly '#ids': FromEarlier };
type Get = Ids & { readonly accountId: string; readonly properties?: readonly string[] };
interface Got<T> {
  readonly state: string;
  readonly list: readonly T[];
  readonly notFound: readonly string[];
}

export interface SetArguments<Create> {
  readonly accountId: string;
  readonly create?: Readonly<Record<string, Create>>;
  /** Patches, RFC 8620 5.3 */
  readonly update?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly destroy?: readonly string[];
}
/** Of what the server adds to a new object. */
interface Created {
  readonly id: string;
  readonly blobId?: string;
  /** RFC 8621 7 */
  readonly undoStatus?: 'pending' | 'final' | 'canceled';
}

export interface SetAnswer {
  readonly created?: Readonly<Record<string, Created>> | null;
  readonly updated?: Readonly<Record<string, unknown>> | null;
  readonly destroyed?: readonly string[] | null;
  readonly notCreated?: Readonly<Record<string, SetError>> | null;
  readonly notUpdated?: Readonly<Record<string, SetError>> | null;
  readonly notDestroyed?: Readonly<Record<string, SetError>> | null;
}

/** RFC 8621 4.6: a message in the making. */
export interface NewEmail {
  readonly mailboxIds: Readonly<Record<string, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly from: readonly EmailAddress[];
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly subject: string;
  readonly sentAt: string;
  readonly messageId: readonly string[];
  readonly inReplyTo?: readonly string[];
  readonly references?: readonly string[];
  readonly textBody: readonly { readonly partId: string; readonly type: 'text/plain' }[];
  readonly htmlBody?: readonly { readonly partId: string; readonly type: 'text/html' }[];
  readonly attachments?: readonly {
    readonly blobId: string;
    readonly type: string;
    readonly name: string | null;
    readonly disposition: 'attachment' | 'inline';
    readonly cid?: string;
  }[];
  readonly bodyValues: Readonly<Record<string, { readonly value: string }>>;
}

/** RFC 8621 7; `key` is of urn:stopgap:outbox: the same key again is the same submission, however often it is asked for. */
interface NewSubmission {
  readonly identityId: string;
  readonly emailId: string;
  readonly envelope?: {
    readonly mailFrom: { readonly email: string; readonly parameters: Readonly<Record<string, string>> | null };
    readonly rcptTo: readonly { readonly email: string; readonly parameters: null }[];
  };
  readonly key?: string;
}

interface MailMethods {
  'Mailbox/get': { readonly args: Get; readonly answer: Got<Mailbox> };
  'Mailbox/set': {
    readonly args: SetArguments<{ readonly name: string; readonly parentId: string | null }>;
    readonly answer: SetAnswer;
  };
  'Email/query': {
    readonly args: {
      readonly accountId: string;
      readonly filter: Filter;
      readonly sort: readonly { readonly property: string; readonly isAscending: boolean }[];
      readonly position: number;
      readonly limit: number;
      readonly calculateTotal: boolean;
      readonly collapseThreads?: boolean;
    };
    readonly answer: { readonly queryState: string; readonly position: number; readonly ids: readonly string[]; readonly total?: number };
  };
  'Email/get': {
    readonly args: Get & {
      readonly fetchTextBodyValues?: boolean;
      readonly fetchHTMLBodyValues?: boolean;
      readonly maxBodyValueBytes?: number;
    };
    readonly answer: Got<Message>;
  };
  'SearchSnippet/get': {
    readonly args: { readonly accountId: string; readonly filter: Filter; readonly emailIds: readonly string[] };
    readonly answer: { readonly list: readonly Snippet[] };
  };
  'Email/set': { readonly args: SetArguments<NewEmail>; readonly answer: SetAnswer };
  'Thread/get': { readonly args: Get; readonly answer: Got<{ readonly id: string; readonly emailIds: readonly string[] }> };
  'Identity/get': {
    readonly args: Get;
    readonly answer: Got<Identity & { readonly textSignature: string; readonly htmlSignature: string }>;
  };
  'Identity/set': { readonly args: SetArguments<never>; readonly answer: SetAnswer };
  'EmailSubmission/set': {
    readonly args: SetArguments<NewSubmission> & {
      readonly onSuccessUpdateEmail?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    /** `byTheWay`: of the messages themselves. */
    readonly answer: SetAnswer & { readonly byTheWay?: SetAnswer };
  };
}

export type Methods = MailMethods & OutboxMethods;
export type MethodName = keyof Methods;

/** One method call of a request. */
export interface Call<Name extends MethodName = MethodName> {
  readonly name: Name;
  readonly args: Methods[Name]['args'];
}

export function call<Name extends MethodName>(name: Name, args: Methods[Name]['args']): Call<Name> {
  return { name, args };
}
