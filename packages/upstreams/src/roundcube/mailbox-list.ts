/*
 * All mailboxes, as the settings show them (settings/folders, Roundcube 1.6): the ids in env `subscriptionrows`, the rest in the list's items.
 * DANGER: with the storage down this page holds INBOX alone, and no word of an error. So it counts only beside a sound answer of the storage, and when
 * something is missing that was there before, it must say so twice.
 */
import { asId, type MailboxRole, type RemoteMailbox } from '@stopgap/core';
import { mailboxPathOf } from '../mailbox-name.ts';
import { roleByName } from '../mailbox-role.ts';
import { isRecord } from './answer.ts';
import { listVoid } from './incoming-error.ts';
import type { Item, Page } from './page.ts';
import { probeMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

const MOST_MAILBOXES = 10_000;
/** As often as it is read until two in a row agree. */
const MOST_READINGS = 4;
/** The row of the list's root. */
const ROOT = '*';
const CLASSES: readonly MailboxRole[] = ['inbox', 'drafts', 'sent', 'junk', 'trash'];

/** @param known what was there the last time; undefined: what the first page showed, which is what is subscribed */
export async function listMailboxes(
  session: RoundcubeSession,
  known: readonly RemoteMailbox[] | undefined,
  signal: AbortSignal,
): Promise<readonly RemoteMailbox[]> {
  const expected = known ?? session.folders.map(({ id }) => ({ id: asId.remoteMailbox(id), isSubscribed: true }));
  let before = '';
  for (let reading = 0; reading < MOST_READINGS; reading++) {
    const { page } = await session.page({ task: 'settings', action: 'folders', signal });
    const found = readMailboxes(page, session);
    await probeMailbox(session, 'INBOX', signal);
    const now = found.map((mailbox) => `${mailbox.id} ${mailbox.isSubscribed}`).join('\n');
    if (now === before || holdsAll(found, expected)) return found;
    before = now;
  }
  throw listVoid('The webmail shows other folders each time.', session.host);
}

function holdsAll(found: readonly RemoteMailbox[], expected: readonly Pick<RemoteMailbox, 'id' | 'isSubscribed'>[]): boolean {
  const subscribed = new Map(found.map((mailbox) => [mailbox.id, mailbox.isSubscribed]));
  return expected.every((mailbox) => subscribed.has(mailbox.id) && (subscribed.get(mailbox.id) === true || !mailbox.isSubscribed));
}

function readMailboxes(page: Page, session: RoundcubeSession): readonly RemoteMailbox[] {
  const rows = page.env['subscriptionrows'];
  if (!isRecord(rows) || !('INBOX' in rows)) throw listVoid('The webmail did not list its folders.', session.host);
  const delimiter = page.env['delimiter'];
  const divider = typeof delimiter === 'string' ? delimiter : session.delimiter;
  const items = new Map(page.items.flatMap((item) => (item.checkbox === undefined ? [] : [[item.checkbox.value, item] as const])));
  const virtual = virtualItems(page.items);
  const subscribed = new Set(session.folders.map(({ id }) => id));
  const mailboxes = Object.entries(rows)
    .filter(([id]) => id !== ROOT && id !== '')
    .slice(0, MOST_MAILBOXES)
    .map(([id, row]): RemoteMailbox => {
      // The value of a checkbox is the id only while it is checked or asked for; PHP always writes it (1.6).
      const item = items.get(id);
      const isProtected = Array.isArray(row) && row[2] === true;
      const isSubscribed = item?.checkbox?.isChecked ?? subscribed.has(id);
      return {
        id: asId.remoteMailbox(id),
        path: mailboxPathOf(withoutPrefix(id, page.env['prefix_ns']), divider),
        // Neither can be unticked: what is only a place, and a special folder that is subscribed.
        isSelectable: item === undefined || !(virtual.has(id) || (item.checkbox?.isDisabled === true && !(isProtected && isSubscribed))),
        isSubscribed,
      };
    });
  return withRoles(mailboxes, items, page.env['archive_folder']);
}

/** Where everything lives below the inbox (`INBOX.` as the personal namespace), that is no part of a name: Roundcube's forms put it there by themselves. */
function withoutPrefix(id: string, prefix: unknown): string {
  return typeof prefix === 'string' && prefix !== '' && id.startsWith(prefix) && id.length > prefix.length ? id.slice(prefix.length) : id;
}

function virtualItems(items: readonly Item[]): ReadonlySet<string> {
  return new Set(items.flatMap((item) => (item.checkbox !== undefined && item.classes.includes('virtual') ? [item.checkbox.value] : [])));
}

/** By Roundcube's settings; a role that nobody has there by name. Each role goes once. */
function withRoles(mailboxes: readonly RemoteMailbox[], items: ReadonlyMap<string, Item>, archive: unknown): readonly RemoteMailbox[] {
  const holders = new Map<MailboxRole, string>();
  const give = (role: MailboxRole | undefined, id: string) => {
    if (role !== undefined && !holders.has(role) && ![...holders.values()].includes(id)) holders.set(role, id);
  };
  for (const { id } of mailboxes) {
    give(
      CLASSES.find((role) => items.get(id)?.classes.includes(role)),
      id,
    );
    if (id === archive) give('archive', id);
  }
  for (const { id, path, isSelectable } of mailboxes) if (isSelectable) give(roleByName(path), id);
  const roles = new Map([...holders].map(([role, id]) => [id, role]));
  return mailboxes.map((mailbox) => {
    const role = roles.get(mailbox.id);
    return role === undefined ? mailbox : { ...mailbox, role };
  });
}
