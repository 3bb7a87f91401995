/*
 * What a round would do, without doing it: for whoever wants to know before a better path takes over again. Reads on both sides, writes nothing. The round
 * itself applies it, and `mirror.report` says what came of it.
 */
import type { AccountId, IncomingSession, MailboxId, Path } from '@stopgap/core';
import { findMailbox, listMailboxes, listMapped, listRemoteMailboxes, openIntents, type IntentWork, type Reader } from '@stopgap/store';
import type { Deps } from './deps.ts';
import { diffListing } from './listing-diff.ts';
import { mappedIn } from './look.ts';
import { nameOf, planMailboxes } from './mailbox-plan.ts';
import { INTENTS_LOOKED_AT } from './open-intents.ts';
import { heldIn } from './progress.ts';
import type { MirrorReport } from './report.ts';
import { MIRROR_SETTINGS } from './settings.ts';
import { isKindred, provesGone, showsDeleted, spaceOf } from './round.ts';

export interface ReconcilePreview {
  readonly path: string;
  readonly mailboxes: readonly MailboxPreview[];
  /** No longer listed, or under another name; what is here of them goes only if it is somewhere else as well, or a person says so. */
  readonly gone: readonly { readonly name: string; readonly messages: number }[];
  /** What was done here and would be told upstream, if the path can. `unclear`: begun, and its end is not known. */
  readonly toCarry: readonly { readonly kind: IntentWork['kind']; readonly intents: number; readonly unclear: number }[];
  readonly canCarry: boolean;
  readonly held: MirrorReport['held'];
}

export interface MailboxPreview {
  readonly name: string;
  /** Listed upstream, and nothing is known of this mailbox's ids on this path: every message is compared by its content. */
  readonly isNewHere: boolean;
  readonly toFetch: number;
  readonly flagsChanged: number;
  /** Not listed any more; gone here too once that is confirmed, unless they are many. */
  readonly missing: number;
}

export async function previewRound(
  ground: {
    readonly account: AccountId;
    readonly path: Path;
    readonly session: IncomingSession;
    readonly deps: Pick<Deps, 'store' | 'clock'>;
  },
  signal: AbortSignal,
): Promise<ReconcilePreview> {
  const { account, path, session, deps } = ground;
  const remotes = (await session.list(signal)).filter((remote) => remote.isSelectable);
  const space = spaceOf(ground);
  const plan = deps.store.read((reader) =>
    planMailboxes({
      space,
      remotes,
      rows: listRemoteMailboxes(reader, account).filter((row) => row.space === space || isKindred(row.space, ground)),
      locals: listMailboxes(reader, account),
      waiting: { deleted: new Map(), renamed: [] },
      most: MIRROR_SETTINGS.mostMailboxes,
    }),
  );
  const mailboxes: MailboxPreview[] = [];
  for (const { remote, local, row, candidates } of plan.matches) {
    const known = row ?? candidates[0];
    const rows = known && local ? deps.store.read((reader) => mappedIn(listMapped(reader, known.id), local.id)) : new Map<never, never>();
    const listing = await session.changes(remote.id, { known: new Set(rows.keys()) }, signal);
    const diff = diffListing(listing, rows, {
      nowMs: deps.clock.nowMs(),
      confirmAfterMs: 0,
      provesGone: provesGone({ session }),
      showsDeleted: showsDeleted({ path }),
    });
    mailboxes.push({
      name: local?.name ?? nameOf(remote),
      isNewHere: known === undefined,
      toFetch: diff.fetch.length,
      flagsChanged: diff.changed.length,
      missing: diff.missed.length + diff.gone.length,
    });
  }
  return {
    path: path.id,
    mailboxes,
    gone: provesGone({ session }) ? deps.store.read((reader) => plan.vanished.flatMap((row) => goneHere(reader, row.mailbox))) : [],
    canCarry: session.push !== undefined,
    ...deps.store.read((reader) => ({ toCarry: toCarry(reader, account), held: heldIn(reader, listRemoteMailboxes(reader, account)) })),
  };
}

/** For a person; the same as the JSON says. */
export function previewText(preview: ReconcilePreview): string {
  const lines = preview.mailboxes
    .filter((one) => one.isNewHere || one.toFetch + one.flagsChanged + one.missing > 0)
    .map(
      (one) =>
        `${one.name}: ${one.toFetch} to fetch${one.isNewHere ? ' and compare' : ''}, ${one.flagsChanged} with other flags, ${one.missing} missing`,
    );
  const gone = preview.gone.map(({ name, messages }) => `${name}: no longer listed, ${messages} here`);
  const carry = preview.toCarry.map(
    ({ kind, intents, unclear }) => `${intents} ${kind}${unclear > 0 ? ` (${unclear} begun, to be looked for first)` : ''}`,
  );
  return [
    `By ${preview.path}:`,
    ...(lines.length + gone.length === 0 ? ['nothing new upstream'] : [...lines, ...gone]),
    carry.length === 0 ? 'nothing to carry back' : `to carry back${preview.canCarry ? '' : ' (this path can not)'}: ${carry.join(', ')}`,
    ...preview.held.map(({ mailbox, gone, of }) => `held in ${mailbox}: ${gone} of ${of} are gone upstream`),
  ].join('\n');
}

function goneHere(reader: Reader, id: MailboxId): ReconcilePreview['gone'] {
  const mailbox = findMailbox(reader, id);
  return mailbox ? [{ name: mailbox.name, messages: mailbox.total }] : [];
}

function toCarry(reader: Reader, account: AccountId): ReconcilePreview['toCarry'] {
  const byKind = Map.groupBy(openIntents(reader, account, INTENTS_LOOKED_AT), (intent) => intent.work.kind);
  return [...byKind].map(([kind, intents]) => ({
    kind,
    intents: intents.length,
    unclear: intents.filter((intent) => intent.state === 'begun').length,
  }));
}
