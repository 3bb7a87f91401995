import type { Accounts } from '@stopgap/accounts';
import type { BlobWriter, Clock } from '@stopgap/core';
import type { Put } from '@stopgap/outbox';
import type { IntakeEvents } from './events.ts';

export interface IntakeLimits {
  readonly messageBytes: number;
  readonly recipients: number;
  /** Of each door. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly hops: number;
}

/** What the commands need to know and whom they ask. */
export interface Settings {
  readonly hostname: string;
  readonly plaintextAuth: 'never' | 'loopback' | 'always';
  readonly limits: IntakeLimits;
  readonly accounts: Pick<Accounts, 'logIn' | 'addressesOf' | 'takeRecipients'>;
  readonly put: Put;
  readonly stageBlob: () => BlobWriter;
  readonly roomFor: (bytes: number) => boolean;
  readonly clock: Clock;
  readonly events: IntakeEvents;
}
