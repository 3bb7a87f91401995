import { MailError, type BlobId, type Clock, type SubmissionId } from '@stopgap/core';
import { openMailboxes } from '@stopgap/mailbox';
import { giveUp } from '@stopgap/outbox';
import {
  beginLeaving,
  countKept,
  deleteSubmission,
  dropBlobIfUnused,
  findMirror,
  forgetDecisionsOf,
  isServed,
  listContacts,
  listMailboxes,
  listSubmissionsOf,
  removeAccount,
  removeUploadsOf,
  type AccountRow,
  type Reader,
  type Store,
} from '@stopgap/store';
import { count } from '../table.ts';

/** In one transaction. */
const AT_ONCE = 200;
/** A running mirror looks every quarter of a second, and its round ends at the next call. Past this the erasure goes on all the same. */
const LET_GO_MS = 15_000;
const LOOK_EVERY_MS = 50;

export interface Erased {
  readonly mailboxes: number;
  readonly messages: number;
  /** Expunged ones that could still have been restored. */
  readonly expunged: number;
  readonly sizeBytes: number;
  readonly contacts: number;
  readonly submissions: number;
  /** Of those, what still waited. */
  readonly cancelled: number;
  readonly hadCredential: boolean;
  /** False: the database's log still holds traces, until it has been written over. */
  readonly isOverwritten: boolean;
}

export interface EraseOptions {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly account: AccountRow;
  /** Give up what still waits. */
  readonly withQueue: boolean;
}

/**
 * Removes an account and everything that is here because of it, in short transactions beside a running `serve`, which is made to let go of it first;
 * interrupted, it can be run again. The account itself goes last. What other accounts have is theirs, also where it names this one.
 * @throws MailError `queue-waits`: mail of it waits, and the account is still there
 */
export async function eraseAccount(options: EraseOptions): Promise<Erased> {
  const { store, dataDir, account } = options;
  const counted = store.read((reader) => countAll(reader, account));
  const cancelled = await emptyQueue(options);
  await store.write((tx) => beginLeaving(tx, account.id, options.clock.nowMs()));
  await untilLetGo(options);
  const submissions = await removeSubmissions(options);
  await eraseMailOf(options);
  const late = await store.write((tx) => {
    const rows = listSubmissionsOf(tx, account.id);
    if (rows.some((row) => !row.isFinal)) throw waits(rows.filter((row) => !row.isFinal).length);
    for (const row of rows) dropSubmission(tx, dataDir, row);
    removeUploadsOf(tx, dataDir, account.id);
    forgetDecisionsOf(tx, account.id);
    removeAccount(tx, account.id);
    return rows.length;
  });
  const isOverwritten = await store.scrub();
  return { ...counted, submissions: submissions + late, cancelled, isOverwritten };
}

/** What a running `serve` has open of the account is closed: a session at the provider, the search index. From then on it adds nothing. */
async function untilLetGo({ store, dataDir, clock, account }: EraseOptions): Promise<void> {
  const isHeld = () => isServed(dataDir, 'mirror') && store.read((reader) => findMirror(reader, account.id)) !== undefined;
  for (let waitedMs = 0; waitedMs < LET_GO_MS && isHeld(); waitedMs += LOOK_EVERY_MS) await clock.wait(LOOK_EVERY_MS);
}

async function eraseMailOf({ store, dataDir, clock, account }: EraseOptions): Promise<void> {
  const mail = openMailboxes({ store, dataDir, clock, keepExpungedMs: 0 });
  try {
    await mail.erase(account.id, new AbortController().signal);
  } finally {
    await mail.close();
  }
}

function countAll(reader: Reader, account: AccountRow) {
  const mailboxes = listMailboxes(reader, account.id);
  const sum = (of: (mailbox: (typeof mailboxes)[number]) => number) => mailboxes.reduce((total, mailbox) => total + of(mailbox), 0);
  return {
    mailboxes: mailboxes.length,
    messages: sum((mailbox) => mailbox.total),
    expunged: countKept(reader, account.id),
    sizeBytes: sum((mailbox) => mailbox.sizeBytes),
    contacts: listContacts(reader, account.id).length,
    hadCredential: account.hasCredential,
  };
}

async function emptyQueue({ store, clock, account, withQueue }: EraseOptions): Promise<number> {
  const open = store.read((reader) => listSubmissionsOf(reader, account.id)).filter((one) => !one.isFinal);
  if (open.length > 0 && !withQueue) throw waits(open.length);
  for (const { id } of open) {
    const { underWay } = await giveUp({ store, clock }, id);
    if (underWay > 0) {
      throw new MailError('permanent', `${id} is leaving at this moment. Try again in a minute.`, { code: 'queue-waits' });
    }
  }
  return open.length;
}

async function removeSubmissions({ store, dataDir, account }: EraseOptions): Promise<number> {
  const rows = store.read((reader) => listSubmissionsOf(reader, account.id)).filter((one) => one.isFinal);
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    await store.write((tx) => {
      for (const row of some) dropSubmission(tx, dataDir, row);
    });
  }
  return rows.length;
}

function dropSubmission(
  tx: Parameters<typeof deleteSubmission>[0],
  dataDir: string,
  row: { readonly id: SubmissionId; readonly blob: BlobId },
) {
  deleteSubmission(tx, row.id);
  dropBlobIfUnused(tx, dataDir, row.blob);
}

function waits(n: number): MailError {
  return new MailError(
    'permanent',
    `${count(n, 'message')} of this account still ${n === 1 ? 'waits' : 'wait'} in the queue. Let them leave, or give them up with --with-queue.`,
    { code: 'queue-waits' },
  );
}
