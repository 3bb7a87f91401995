/* urn:stopgap:outbox: what has not left yet and why, the ways out and in, the mirror, known addresses. */

export type RecipientState = 'queued' | 'leased' | 'delivered' | 'rejected' | 'unsure' | 'expired' | 'cancelled';
export type OutboxAction = 'cancel' | 'sendNow' | 'hold' | 'release' | 'delivered' | 'resend' | 'cancelled';

export interface OutboxRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly held: boolean;
  /** The path's id. */
  readonly route: string | null;
  /** In English, for people. */
  readonly reason: string | null;
  readonly reasonClass: string | null;
  readonly tries: number;
  readonly nextAttemptAt: string | null;
}

export const ENTRY_PROPERTIES = [
  'id',
  'kind',
  'state',
  'from',
  'subject',
  'acceptedAt',
  'sendAt',
  'sizeBytes',
  'recipients',
  'actions',
] as const;

export interface OutboxEntry {
  readonly id: string;
  /** `dsn`: a notice of the relay to this person. */
  readonly kind: 'message' | 'dsn';
  /** Of the recipient that asks most for attention. */
  readonly state: 'unsure' | 'held' | 'sending' | 'waiting' | 'failed' | 'cancelled' | 'delivered';
  readonly from: string;
  readonly subject: string | null;
  readonly acceptedAt: string;
  /** Later than accepted: it was asked to wait. Null: it did not come from a JMAP client. */
  readonly sendAt: string | null;
  readonly sizeBytes: number;
  readonly recipients: readonly OutboxRecipient[];
  /** What may be done with it now. */
  readonly actions: readonly OutboxAction[];
}

export interface PathState {
  readonly direction: 'incoming' | 'outgoing';
  readonly kind: string;
  readonly state: 'up' | 'impaired' | 'down' | 'unknown';
  readonly since: string | null;
  readonly reason: string | null;
  readonly reasonClass: string | null;
}

export interface MirrorState {
  /** `refused`: the provider refuses the password, and that is believed. */
  readonly state: string;
  readonly since: string | null;
  readonly lastUpdate: string | null;
  /** Null before the first listing. `total`: at the provider, as far as it was said. */
  readonly progress: { readonly messages: number; readonly total: number } | null;
  /** What was done here and is not done at the provider yet. */
  readonly pendingChanges: number;
  /** What was done here and could not be done at the provider; `last`: when that was given up, null for none. */
  readonly notCarriedBack: { readonly count: number; readonly last: string | null };
  /** Gone at the provider, and kept here until whoever runs the relay decides. */
  readonly held: readonly { readonly mailbox: string; readonly gone: number; readonly of: number; readonly since: string }[];
}

/** The provider's paths, in the order in which they are used, and how much of the mailbox is here. */
export interface Situation {
  readonly paths: readonly PathState[];
  readonly mirror: MirrorState;
}

export interface UncarriedChange {
  readonly id: string;
  readonly at: string;
  readonly kind: 'append' | 'move' | 'flags' | 'expunge' | 'create-mailbox' | 'rename-mailbox' | 'delete-mailbox' | 'subscribe';
  /** Null: it is about a mailbox, or the message is not here any more. */
  readonly emailId: string | null;
  readonly subject: string | null;
  readonly mailboxId: string | null;
  /** Where the message is now, or was; of a mailbox the name that it had. */
  readonly mailbox: string | null;
  /** The mailbox or name that was wanted. */
  readonly to: string | null;
  /** In English, for people. */
  readonly reason: string | null;
  readonly reasonClass: string | null;
}

export interface Contact {
  readonly name: string | null;
  readonly email: string;
}

/** How many recipients a decision has changed, and how many are leaving at this moment, which nothing stops. */
export interface Acted {
  readonly changed: number;
  readonly underWay: number;
}

interface Account {
  readonly accountId: string;
}

export interface OutboxMethods {
  'OutboxEntry/get': {
    readonly args: Account & { readonly ids: null; readonly properties: readonly string[] };
    readonly answer: { readonly list: readonly OutboxEntry[] };
  };
  'OutboxEntry/act': {
    readonly args: Account & { readonly ids: readonly string[]; readonly action: OutboxAction };
    readonly answer: {
      readonly acted: Readonly<Record<string, Acted>>;
      readonly notActed: Readonly<Record<string, { readonly type: string; readonly description?: string | null }>>;
    };
  };
  'ProviderStatus/get': { readonly args: Account & { readonly ids: null }; readonly answer: { readonly list: readonly Situation[] } };
  'UncarriedChange/get': {
    readonly args: Account & { readonly ids: null };
    readonly answer: { readonly list: readonly UncarriedChange[] };
  };
  'Keyword/list': { readonly args: { readonly accountId: string }; readonly answer: { readonly list: readonly string[] } };
  'Contact/complete': {
    readonly args: Account & { readonly text: string; readonly limit: number };
    readonly answer: { readonly list: readonly Contact[] };
  };
}
