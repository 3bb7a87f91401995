/*
 * All mailboxes, as the settings show them (settings/folders, Roundcube 1.6): the ids in env `subscriptionrows`, the rest in the list's items.
 * DANGER: with the storage down this page holds INBOX alone, and no word of an error. So it counts only beside a sound answer of the storage, and when
 * something is missing that was there before, it must say so twice.
 */
import { asId, type RemoteMailbox } from '@stopgap/core';
import { pathOf } from '../imap/mailbox-name.ts';
import { rolesOf } from '../imap/roles.ts';
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
const CLASSES = ['drafts', 'sent', 'junk', 'trash'] as const;

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
  const namespace = { prefix: textOf(page.env['prefix_ns']), separator: textOf(page.env['delimiter']) || session.delimiter };
  const items = new Map(page.items.flatMap((item) => (item.checkbox === undefined ? [] : [[item.checkbox.value, item] as const])));
  const subscribed = new Set(session.folders.map(({ id }) => id));
  const mailboxes = Object.entries(rows)
    .filter(([id]) => id !== ROOT && id !== '')
    .slice(0, MOST_MAILBOXES)
    .map(([id, row]) => {
      const item = items.get(id);
      const isProtected = Array.isArray(row) && row[2] === true;
      const isSubscribed = item?.checkbox?.isChecked ?? subscribed.has(id);
      // Neither can be unticked: what is only a place, and a special folder that is subscribed.
      const isStuck = item?.checkbox?.isDisabled === true && !(isProtected && isSubscribed);
      return {
        id: asId.remoteMailbox(id),
        // Where everything lives below the inbox (`INBOX.`), the prefix is no part of a name: Roundcube's forms put it there by themselves.
        path: pathOf(id, namespace),
        isSelectable: !isStuck && item?.classes.includes('virtual') !== true,
        isSubscribed,
        attributes: attributesOf(id, item, page.env['archive_folder']),
      };
    });
  const roles = rolesOf(mailboxes);
  return mailboxes.map((mailbox) => {
    const { attributes: _, ...plain } = mailbox;
    const role = roles.get(mailbox);
    return role === undefined ? plain : { ...plain, role };
  });
}

/** Roundcube's settings, in the words of RFC 6154. */
function attributesOf(id: string, item: Item | undefined, archive: unknown): readonly string[] {
  const special = CLASSES.filter((name) => item?.classes.includes(name)).map((name) => `\\${name}`);
  return id === archive ? [...special, '\\archive'] : special;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
