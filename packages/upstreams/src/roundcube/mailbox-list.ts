/*
 * All mailboxes, as the settings show them (settings/folders, Roundcube 1.6): the ids in env `subscriptionrows`, the rest in the list's items.
 * DANGER: with the storage down, or when it fails to list, this page holds INBOX alone and no word of an error. So it counts only beside a sound answer of
 * the storage; and when something is missing that was there before, or nothing is there but INBOX, those that are missing are tried: while one of them
 * answers, the list is void.
 */
import { asId, type RemoteMailbox } from '@stopgap/core';
import { pathOf } from '../imap/mailbox-name.ts';
import { rolesOf } from '../imap/roles.ts';
import { isRecord } from './answer.ts';
import { hasCode } from './errors.ts';
import { listVoid } from './incoming-error.ts';
import type { Item, Page } from './page.ts';
import { probeMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

const MOST_MAILBOXES = 10_000;
/** As often as it is read until two in a row agree. */
const MOST_READINGS = 4;
/** Of those that are missing. */
const MOST_TRIED = 5;
/** The row of the list's root. */
const ROOT = '*';
const CLASSES = ['drafts', 'sent', 'junk', 'trash'] as const;

/** @param known what was there the last time; undefined: what the first page showed, which is what is subscribed */
export async function listMailboxes(
  session: RoundcubeSession,
  known: readonly RemoteMailbox[] | undefined,
  signal: AbortSignal,
): Promise<readonly RemoteMailbox[]> {
  const expected = known ?? session.folders.map(({ id, selectable }) => ({ id, isSubscribed: true, isSelectable: selectable }));
  let before = '';
  for (let reading = 0; reading < MOST_READINGS; reading++) {
    const { page } = await session.page({ task: 'settings', action: 'folders', signal });
    const found = readMailboxes(page, session);
    await probeMailbox(session, 'INBOX', signal);
    const missing = missingIn(found, expected, page.env['defaultfolders']);
    if (missing.length === 0 && isAsSubscribed(found, expected)) return found;
    const now = found.map((mailbox) => `${mailbox.id} ${mailbox.isSubscribed}`).join('\n');
    if (now === before && !(await doesOneAnswer(session, missing, signal))) return found;
    before = now;
  }
  throw listVoid('The webmail does not list all folders, or other ones each time.', session.host);
}

type Expected = Pick<RemoteMailbox, 'isSelectable' | 'isSubscribed'> & { readonly id: string };

/** @param special the folders for sent mail, drafts and so on, as they are configured: they may not be there yet */
function missingIn(found: readonly RemoteMailbox[], expected: readonly Expected[], special: unknown): readonly string[] {
  const ids = new Set<string>(found.map((mailbox) => mailbox.id));
  const wanted = expected.filter((mailbox) => mailbox.isSelectable).map((mailbox) => mailbox.id);
  const likely = found.length === 1 && Array.isArray(special) ? special.filter((id) => typeof id === 'string') : [];
  return [...new Set([...wanted, ...likely])].filter((id) => !ids.has(id));
}

function isAsSubscribed(found: readonly RemoteMailbox[], expected: readonly Expected[]): boolean {
  const subscribed = new Set<string>(found.flatMap((mailbox) => (mailbox.isSubscribed ? [mailbox.id] : [])));
  return expected.every((mailbox) => !mailbox.isSubscribed || subscribed.has(mailbox.id));
}

async function doesOneAnswer(session: RoundcubeSession, ids: readonly string[], signal: AbortSignal): Promise<boolean> {
  for (const id of ids.slice(0, MOST_TRIED)) {
    try {
      await probeMailbox(session, id, signal);
      return true;
    } catch (error) {
      if (!hasCode(error, 'void')) throw error;
    }
  }
  // None does. It is not that the storage went down meanwhile.
  await probeMailbox(session, 'INBOX', signal);
  return false;
}

function readMailboxes(page: Page, session: RoundcubeSession): readonly RemoteMailbox[] {
  const rows = page.env['subscriptionrows'];
  if (!isRecord(rows) || !('INBOX' in rows)) throw listVoid('The webmail did not list its folders.', session.host);
  const namespace = { prefix: textOf(page.env['prefix_ns']), separator: textOf(page.env['delimiter']) || session.delimiter };
  const items = new Map(page.items.flatMap((item) => (item.checkbox === undefined ? [] : [[item.checkbox.value, item] as const])));
  const subscribed = new Set(session.folders.map(({ id }) => id));
  const ids = Object.entries(rows).filter(([id]) => id !== ROOT && id !== '');
  if (ids.length > MOST_MAILBOXES) throw listVoid(`The webmail lists ${ids.length} folders.`, session.host);
  const mailboxes = ids.map(([id, row]) => {
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
