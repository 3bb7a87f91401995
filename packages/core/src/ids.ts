declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type ProviderName = Brand<string, 'ProviderName'>;
export type PathId = Brand<string, 'PathId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type SubmissionId = Brand<string, 'SubmissionId'>;
export type RecipientId = Brand<number, 'RecipientId'>;
export type AttemptId = Brand<number, 'AttemptId'>;
export type BlobId = Brand<number, 'BlobId'>;
/** SHA-256 of the content, 64 lower-case hex digits. */
export type BlobHash = Brand<string, 'BlobHash'>;
export type MailboxId = Brand<number, 'MailboxId'>;
/** A message here, in one mailbox. It keeps its id when it is moved. */
export type MessageId = Brand<number, 'MessageId'>;
export type ThreadId = Brand<number, 'ThreadId'>;
/** RFC 9051 2.3.1.1: ours, whatever path the message came by; never reused. */
export type Uid = Brand<number, 'Uid'>;
/** The number of a change: strictly growing in an account, in the order of commits. */
export type ModSeq = Brand<number, 'ModSeq'>;
export type IntentId = Brand<number, 'IntentId'>;
/** A provider's own name for a mailbox: IMAP's name as on the wire, JMAP's id. */
export type RemoteMailboxId = Brand<string, 'RemoteMailboxId'>;
/** A provider's own id of a message inside of a mailbox: a UID in decimal, JMAP's id, a UIDL. */
export type RemoteMessageId = Brand<string, 'RemoteMessageId'>;

/** The one place where a plain value becomes an id: at an edge that knows what it holds (a row, a config key, an argument). */
export const asId = {
  provider: (value: string) => value as ProviderName,
  path: (value: string) => value as PathId,
  account: (value: string) => value as AccountId,
  submission: (value: string) => value as SubmissionId,
  recipient: (value: number) => value as RecipientId,
  attempt: (value: number) => value as AttemptId,
  blob: (value: number) => value as BlobId,
  blobHash: (value: string) => value as BlobHash,
  mailbox: (value: number) => value as MailboxId,
  message: (value: number) => value as MessageId,
  thread: (value: number) => value as ThreadId,
  uid: (value: number) => value as Uid,
  modSeq: (value: number) => value as ModSeq,
  intent: (value: number) => value as IntentId,
  remoteMailbox: (value: string) => value as RemoteMailboxId,
  remoteMessage: (value: string) => value as RemoteMessageId,
};
