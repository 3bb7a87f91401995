import { confirmation, isRecord } from './answer.ts';
import { hasCode, roundcubeError } from './errors.ts';
import type { Folder } from './login.ts';
import { demandSound, type RoundcubeSession } from './session.ts';

/** `read`, `unread`, `flagged`, `unflagged`, and what else row-flags.ts knows. */
export type FlagChange = string;

export interface Messages {
  readonly mbox: string;
  readonly uids: readonly number[];
  readonly signal: AbortSignal;
}

export async function markMessages(session: RoundcubeSession, messages: Messages, flag: FlagChange): Promise<void> {
  await changed(session, 'mark', messages, { _flag: flag });
}

/** The new UIDs are not told. A UID that is not there moves without a word. */
export async function moveMessages(session: RoundcubeSession, messages: Messages, target: string): Promise<void> {
  await changed(session, 'move', messages, { _target_mbox: target });
}

/** The new UIDs are not told. */
export async function copyMessages(session: RoundcubeSession, messages: Messages, target: string): Promise<void> {
  await changed(session, 'copy', messages, { _target_mbox: target });
}

/** For good, not into the trash. */
export async function deleteMessages(session: RoundcubeSession, messages: Messages): Promise<void> {
  await changed(session, 'delete', messages, {});
}

async function changed(session: RoundcubeSession, action: string, messages: Messages, parameters: Record<string, string>): Promise<void> {
  if (messages.uids.length === 0) return;
  const all = { ...parameters, _mbox: messages.mbox, _uid: messages.uids.join(',') };
  const answer = demandSound(await session.change({ action, parameters: all, signal: messages.signal }), session.host);
  if (confirmation(answer) === undefined) throw roundcubeError('void', `The webmail did not confirm "${action}".`, { host: session.host });
}

/** The mailbox of this name at the top level, made and subscribed when it is not there. */
export async function ensureFolder(session: RoundcubeSession, name: string, signal: AbortSignal): Promise<string> {
  const known = findFolder(session.folders, name, session.delimiter);
  if (known !== undefined) return known;
  // As an XMLHttpRequest it would answer with nothing and do nothing (Roundcube 1.6).
  const answer = await session.submit({
    task: 'settings',
    action: 'save-folder',
    parameters: { _name: name, _parent: '', _mbox: '' },
    signal,
  });
  const id = answer.calls.find((call) => call.name === 'add_folder_row' || call.name === 'replace_folder_row')?.args[0];
  const made = typeof id === 'string' && id !== '' ? id : await findUnsubscribed(session, name, signal);
  if (made !== undefined) {
    session.learnFolder({ id: made, name, selectable: true });
    return made;
  }
  throw roundcubeError('unavailable', `The webmail did not make the mailbox "${name}".`, { host: session.host });
}

function findFolder(folders: readonly Folder[], name: string, delimiter: string): string | undefined {
  return folders.find((folder) => folder.selectable && isNamed(folder.id, name, delimiter))?.id;
}

/** `Name`, or `INBOX.Name` where everything lives below the inbox. */
function isNamed(id: string, name: string, delimiter: string): boolean {
  return id === name || id === `INBOX${delimiter}${name}`;
}

/** The list after the log-in holds subscribed mailboxes only; the settings show all. */
async function findUnsubscribed(session: RoundcubeSession, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { page } = await session.page({ task: 'settings', action: 'folders', signal });
    const rows = page.env['subscriptionrows'];
    if (!isRecord(rows)) return undefined;
    return Object.keys(rows).find((id) => isNamed(id, name, session.delimiter));
  } catch (error) {
    if (hasCode(error, 'unintelligible')) return undefined;
    throw error;
  }
}
