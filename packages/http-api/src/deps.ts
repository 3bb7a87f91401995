import type { Accounts } from '@stopgap/accounts';
import type { AccountId, Clock, Provider, SubmissionId } from '@stopgap/core';
import type { Board } from '@stopgap/health';
import type { Mailboxes } from '@stopgap/mailbox';
import type { Put } from '@stopgap/outbox';
import type { Store } from '@stopgap/store';
import type { ClientServer } from './client-setup/servers.ts';
import type { News } from './jmap/push/news.ts';
import type { SetupDeps } from './setup/setup-deps.ts';

/** What the door works with; everything is made and closed by who opens it. */
export interface HttpApiDeps {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly mailboxes: Mailboxes;
  readonly accounts: Pick<Accounts, 'logIn' | 'addressesOf' | 'takeRecipients'>;
  readonly put: Put;
  readonly board: Pick<Board, 'health' | 'outages' | 'onChange'>;
  readonly providers: readonly Provider[];
  /** Something was done in this account that its provider is to be told. */
  readonly notifyMirror: (account: AccountId) => void;
  /** Something in the queue was changed by a person. */
  readonly notifyOutbox: () => void;
  /** What besides mail is different; told by who made the queue and the board. */
  readonly news: News;
  /** Is there room on the disk for so many bytes more? */
  readonly roomFor: (bytes: number) => boolean;
  readonly hostname: string;
  /** What mail programs are told to use, best first. */
  readonly clientServers: readonly ClientServer[];
  /** The certificate of the doors for mail: programs will ask about it. */
  readonly isSelfSigned: boolean;
  /** Of the operator, before this door: their X-Forwarded-For is believed. */
  readonly proxies: readonly string[];
  readonly plaintextAuth: 'never' | 'loopback' | 'always';
  readonly limits: { readonly messageBytes: number; readonly recipients: number };
  /** For the mail log: a message was taken for the queue. */
  readonly accepted: (event: AcceptedEvent) => void;
  readonly operator: OperatorDeps;
  /** Only where nothing is configured yet. */
  readonly setup?: SetupDeps;
  /** Only where a practice provider came along. */
  readonly demo?: DemoDeps;
  readonly log: HttpLog;
}

export const DEMO_PARTS = ['smtp', 'imap', 'webmail'] as const;
export type DemoPart = (typeof DEMO_PARTS)[number];

/** A provider to practise with, which breaks when somebody asks for it. */
export interface DemoDeps {
  /** Told to anybody: they live as long as the demo. */
  readonly accounts: readonly { readonly name: string; readonly address: string; readonly password: string }[];
  /** The parts that are down in an outage such as it happens to people. */
  readonly outage: readonly DemoPart[];
  down(): readonly DemoPart[];
  /** These, and no others. */
  setDown(parts: readonly DemoPart[]): void;
}

export interface AcceptedEvent {
  readonly id: SubmissionId;
  readonly account: AccountId;
  readonly from: string;
  readonly recipients: number;
  readonly sizeBytes: number;
  readonly messageId: string;
  readonly remoteAddress: string;
  readonly repeated: boolean;
}

/** For who runs the relay: no log-in, no addresses of people. */
export interface OperatorDeps {
  /** Rejects when the relay can not do its work. */
  ready(): Promise<void>;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface HttpLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
