/*
 * Making, renaming, deleting and subscribing mailboxes, by the forms of the settings. Each is read back from the list of all mailboxes. TRAP: Roundcube's
 * delete takes everything below a mailbox with it (rcube_imap::delete_folder), so one with others below it is not deleted here.
 */
import type { RemoteMailbox, RemoteMailboxId } from '@stopgap/core';
import { nameOf } from '../imap/mailbox-name.ts';
import { confirmation } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { mailboxMissing, refusal } from './incoming-error.ts';
import { demandSound, type RoundcubeSession } from './session.ts';

/** folder_save.php, Roundcube 1.6 */
const LONGEST_NAME = 128;

export interface Mailboxes {
  readonly session: RoundcubeSession;
  /** All, as they are now. */
  list(): Promise<readonly RemoteMailbox[]>;
  readonly signal: AbortSignal;
}

export async function createMailbox(mailboxes: Mailboxes, path: readonly string[]): Promise<RemoteMailbox> {
  let all = await mailboxes.list();
  for (let depth = 1; depth <= path.length; depth++) {
    const part = path.slice(0, depth);
    const known = at(all, part);
    if (known !== undefined && (known.isSelectable || depth < path.length)) continue;
    const saved = save(mailboxes, { path: part, all });
    await saved.catch(() => undefined);
    all = await mailboxes.list();
    // Else somebody else was faster.
    const now = at(all, part);
    if (now === undefined || (!now.isSelectable && depth === path.length)) await saved;
  }
  return mustBe(mailboxes, all, path);
}

export async function renameMailbox(mailboxes: Mailboxes, id: RemoteMailboxId, path: readonly string[]): Promise<RemoteMailbox> {
  let all = await mailboxes.list();
  const before = mustKnow(mailboxes, all, id);
  if (isAt(before, path)) return before;
  if (at(all, path) !== undefined)
    throw refusal('mailbox-exists', `There is a mailbox "${path.join('/')}" already.`, mailboxes.session.host);
  if (path.length > 1 && at(all, path.slice(0, -1)) === undefined) {
    await createMailbox(mailboxes, path.slice(0, -1));
    all = await mailboxes.list();
  }
  await save(mailboxes, { path, all, id });
  all = await mailboxes.list();
  if (all.some((mailbox) => mailbox.id === id && mailbox.isSelectable)) throw unable(mailboxes, 'The webmail did not rename the mailbox.');
  return mustBe(mailboxes, all, path);
}

export async function deleteMailbox(mailboxes: Mailboxes, id: RemoteMailboxId): Promise<void> {
  const all = await mailboxes.list();
  const { path } = mustKnow(mailboxes, all, id);
  const isAbove = all.some((other) => other.path.length > path.length && isAt({ path: other.path.slice(0, path.length) }, path));
  if (isAbove || id === 'INBOX') {
    const text = 'A mailbox with others below it is not deleted through this webmail, nor is INBOX.';
    throw refusal('name-refused', text, mailboxes.session.host);
  }
  await change(mailboxes, 'delete-folder', id);
  if ((await mailboxes.list()).some((mailbox) => mailbox.id === id)) throw unable(mailboxes, 'The webmail did not delete the mailbox.');
}

export async function subscribe(mailboxes: Mailboxes, id: RemoteMailboxId, isSubscribed: boolean): Promise<void> {
  const known = mustKnow(mailboxes, await mailboxes.list(), id);
  if (known.isSubscribed === isSubscribed) return;
  await change(mailboxes, isSubscribed ? 'subscribe' : 'unsubscribe', id);
  const after = (await mailboxes.list()).find((mailbox) => mailbox.id === id);
  if (after?.isSubscribed !== isSubscribed) throw unable(mailboxes, 'The webmail did not change the subscription.');
}

/** As an XMLHttpRequest it would answer with nothing and do nothing (Roundcube 1.6). No `_viewmode`: it would become the person's preference. */
async function save(
  { session, signal }: Mailboxes,
  order: { readonly path: readonly string[]; readonly all: readonly RemoteMailbox[]; readonly id?: RemoteMailboxId },
): Promise<void> {
  const name = order.path.at(-1) ?? '';
  const parent = order.path.length > 1 ? at(order.all, order.path.slice(0, -1))?.id : undefined;
  const namespace = { prefix: '', separator: session.delimiter };
  nameOf([name], namespace);
  // Roundcube trims names, cuts tags out and refuses wildcards; what came of that would be another mailbox.
  const isKept = name.length <= LONGEST_NAME && name.trim() === name && !/[<>%*]/.test(name);
  if (!isKept || (order.path.length > 1 && parent === undefined))
    throw refusal('name-refused', `A mailbox can not be called "${name}" through this webmail.`, session.host);
  const parameters = { _name: name, _parent: parent ?? '', _mbox: order.id ?? '' };
  demandSound(await session.submit({ task: 'settings', action: 'save-folder', parameters, signal }), session.host);
}

async function change({ session, signal }: Mailboxes, action: string, id: RemoteMailboxId): Promise<void> {
  const answer = demandSound(await session.change({ task: 'settings', action, parameters: { _mbox: id }, signal }), session.host);
  if (confirmation(answer) === undefined) throw roundcubeError('void', `The webmail did not confirm "${action}".`, { host: session.host });
}

function at(all: readonly RemoteMailbox[], path: readonly string[]): RemoteMailbox | undefined {
  return all.find((mailbox) => isAt(mailbox, path));
}

function isAt(mailbox: Pick<RemoteMailbox, 'path'>, path: readonly string[]): boolean {
  return mailbox.path.length === path.length && mailbox.path.every((part, index) => part === path[index]);
}

function mustKnow({ session }: Mailboxes, all: readonly RemoteMailbox[], id: RemoteMailboxId): RemoteMailbox {
  const known = all.find((mailbox) => mailbox.id === id);
  if (known === undefined) throw mailboxMissing(id, session.host);
  return known;
}

function mustBe(mailboxes: Mailboxes, all: readonly RemoteMailbox[], path: readonly string[]): RemoteMailbox {
  const made = at(all, path);
  if (made === undefined) throw unable(mailboxes, `The webmail did not make the mailbox "${path.join('/')}".`);
  return made;
}

function unable({ session }: Pick<Mailboxes, 'session'>, text: string): Error {
  return roundcubeError('unavailable', text, { host: session.host });
}
