import type { AccountId } from '@stopgap/core';
import type { MirrorProgress } from '@stopgap/mirror';
import {
  countOpenIntents,
  findMirror,
  listMailboxes,
  listRemoteMailboxes,
  type AccountRow,
  type MailboxRow,
  type Reader,
  type RemoteMailboxRow,
} from '@stopgap/store';

/** As `mirror status --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
export interface MirrorStatus {
  readonly address: string;
  /** The path it was last looked at by; null: by none yet. */
  readonly path: string | null;
  /** As the mirror names it; `new`: it has not begun with this account. */
  readonly state: string;
  readonly since: string | null;
  readonly messages: number;
  /** As the provider counted them, where it did. */
  readonly total: number;
  /** What was done here and the provider has still to be told. */
  readonly pendingIntents: number;
  readonly mailboxes: readonly { readonly name: string; readonly messages: number; readonly total: number }[];
  readonly lastUpdate: string | null;
  readonly next: string | null;
  readonly held: readonly HeldDeletion[];
  /** The mirror's own words about what it is at. */
  readonly progress: unknown;
}

/** Messages that are gone at the provider and stay here until somebody decides. */
export interface HeldDeletion {
  readonly mailbox: string;
  readonly gone: number;
  readonly of: number;
  readonly since: string;
}

export function mirrorStatus(reader: Reader, account: AccountRow): MirrorStatus {
  const mirror = findMirror(reader, account.id);
  const remotes = listRemoteMailboxes(reader, account.id);
  const progress: unknown = mirror?.progress === undefined ? null : JSON.parse(mirror.progress);
  // A path that does not count beforehand is known by its listing first, which stands in the rows once all of it is here.
  const listed = mirror?.state === 'syncing' ? totalsOf(progress) : new Map<string, number>();
  const mailboxes = listMailboxes(reader, account.id).map((mailbox) => ({
    name: mailbox.name,
    messages: mailbox.total,
    total: Math.max(totalOf(mailbox, remotes), listed.get(mailbox.name) ?? 0),
  }));
  return {
    address: account.address,
    path: mirror?.path ?? null,
    state: mirror?.state ?? 'new',
    since: iso(mirror?.sinceMs),
    messages: sum(mailboxes.map(({ messages }) => messages)),
    total: sum(mailboxes.map(({ total }) => total)),
    pendingIntents: countOpenIntents(reader, account.id),
    mailboxes,
    lastUpdate: iso(mirror?.lastUpdateMs),
    next: mirror === undefined || mirror.nextAtMs === 0 ? null : iso(mirror.nextAtMs),
    held: heldDeletions(reader, account.id).map(({ mailbox, brake }) => ({
      mailbox: mailbox.name,
      gone: brake.gone,
      of: brake.of,
      since: new Date(brake.sinceMs).toISOString(),
    })),
    progress,
  };
}

/** What the mirror writes into `remote_mailbox.brake`. */
export interface HeldBrake {
  readonly state: 'held' | 'released' | 'given-back';
  readonly sinceMs: number;
  readonly gone: number;
  readonly of: number;
}

export function heldDeletions(
  reader: Reader,
  account: AccountId,
): { readonly mailbox: MailboxRow; readonly remote: RemoteMailboxRow; readonly brake: HeldBrake }[] {
  const mailboxes = new Map(listMailboxes(reader, account).map((mailbox) => [mailbox.id, mailbox]));
  return listRemoteMailboxes(reader, account).flatMap((remote) => {
    const mailbox = mailboxes.get(remote.mailbox);
    const brake = remote.brake === undefined ? undefined : (JSON.parse(remote.brake) as HeldBrake);
    return mailbox !== undefined && brake?.state === 'held' && brake.gone > 0 ? [{ mailbox, remote, brake }] : [];
  });
}

/** What the mirror writes into `mirror.progress` (`MirrorProgress`), as far as it is asked here. */
function totalsOf(progress: unknown): ReadonlyMap<string, number> {
  const { mailboxes = [] } = (progress ?? {}) as Partial<Pick<MirrorProgress, 'mailboxes'>>;
  return new Map(mailboxes.map(({ name, total }) => [name, total]));
}

/** By the path that has listed it last: others may not have been there for days. */
function totalOf(mailbox: MailboxRow, remotes: readonly RemoteMailboxRow[]): number {
  const [newest] = remotes
    .filter((remote) => remote.mailbox === mailbox.id && remote.missedAtMs === undefined)
    .sort((one, other) => (other.listedAtMs ?? 0) - (one.listedAtMs ?? 0));
  return newest?.total ?? mailbox.total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
