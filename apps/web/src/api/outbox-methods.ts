/* urn:stopgap:outbox: what has not left yet and why, the ways out and in, the mirror, known addresses. */

export type RecipientState = 'queued' | 'leased' | 'delivered' | 'rejected' | 'unsure' | 'expired' | 'cancelled';
export type OutboxAction = 'cancel' | 'sendNow' | 'hold' | 'release' | 'delivered' | 'resend';

export interface OutboxRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly isHeld: boolean;
  /** Kind of the path: `smtp`, `roundcube`, ... */
  readonly route: string | null;
  /** In English, for people. */
  readonly reason: string | null;
  readonly reasonClass: string | null;
  readonly tries: number;
  readonly nextAttemptAt: string | null;
}

export interface OutboxEntry {
  readonly id: string;
  /** Null: the message is not in the mailbox any more, or never was. */
  readonly emailId: string | null;
  readonly from: string;
  readonly subject: string | null;
  readonly acceptedAt: string;
  readonly sizeBytes: number;
  readonly isDone: boolean;
  readonly recipients: readonly OutboxRecipient[];
  /** What may be done with it now. */
  readonly actions: readonly OutboxAction[];
}

export interface PathState {
  readonly id: string;
  readonly provider: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly kind: string;
  readonly state: 'up' | 'impaired' | 'down' | 'unknown';
  readonly since: string | null;
  readonly reason: string | null;
  readonly reasonClass: string | null;
}

export interface MirrorState {
  readonly state: string;
  readonly path: string | null;
  readonly messages: number;
  /** At the provider, as far as it was said. */
  readonly total: number;
  readonly pendingIntents: number;
  readonly lastUpdateAt: string | null;
}

export interface Contact {
  readonly name: string | null;
  readonly email: string;
}

interface Listed<T> {
  readonly list: readonly T[];
}

export interface OutboxMethods {
  'Outbox/get': { readonly args: { readonly accountId: string; readonly ids: null }; readonly answer: Listed<OutboxEntry> };
  'Outbox/set': {
    readonly args: { readonly accountId: string; readonly update: Readonly<Record<string, { readonly action: OutboxAction }>> };
    readonly answer: {
      readonly notUpdated?: Readonly<Record<string, { readonly type: string; readonly description?: string | null }>> | null;
    };
  };
  'Path/get': { readonly args: { readonly accountId: string; readonly ids: null }; readonly answer: Listed<PathState> };
  'Mirror/get': { readonly args: { readonly accountId: string; readonly ids: null }; readonly answer: Listed<MirrorState> };
  'Contact/query': {
    readonly args: { readonly accountId: string; readonly prefix: string; readonly limit: number };
    readonly answer: Listed<Contact>;
  };
}
