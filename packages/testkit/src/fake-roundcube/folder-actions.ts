import { answer, message, STORAGE_DOWN, type Action, type Context } from './context.ts';
import { DELIMITER, freshMailbox, type FakeMailbox } from './mailboxes.ts';
import { fromModifiedUtf7, toModifiedUtf7 } from './modified-utf7.ts';
import { escapeHtml, html, page, type FakeReply } from './replies.ts';

export const folderActions: Readonly<Record<string, Action>> = {
  'settings.folders': folders,
  'settings.save-folder': saveFolder,
  'settings.delete-folder': deleteFolder,
  'settings.subscribe': (context) => setSubscribed(context, true),
  'settings.unsubscribe': (context) => setSubscribed(context, false),
};

/** DANGER, as in the real one: with the storage down, or failing to list, INBOX alone is there, and nothing says why. */
function folders(context: Context): FakeReply {
  const isBroken = context.switches.imapDown || context.switches.listFails;
  const all = [...context.account.storage.values()].filter((one) => !isBroken || one.name === 'INBOX');
  const rows = all.map((one) => [one.name, [fromModifiedUtf7(one.name), one.name, one.role !== undefined]]);
  const places = new Set<string>();
  for (const { name } of all) {
    for (let at = name.indexOf(DELIMITER); at !== -1; at = name.indexOf(DELIMITER, at + 1)) places.add(name.slice(0, at));
  }
  const virtual = [...places].filter((name) => !context.account.storage.has(name));
  const items = [
    ...all.map((one) => item(one.name, `${one.role ?? ''} mailbox`, one.isSubscribed, one.role !== undefined && one.isSubscribed)),
    ...virtual.map((name) => item(name, 'virtual mailbox', false, false)),
  ];
  const virtualRows = virtual.map((name) => [name, [fromModifiedUtf7(name), name, true]]);
  return page(
    {
      task: 'settings',
      delimiter: DELIMITER,
      defaultfolders: ['INBOX', 'Drafts', 'Sent', 'Junk', 'Trash'],
      prefix_ns: context.switches.namespace,
      subscriptionrows: Object.fromEntries([['*', ['', '', true]], ...rows, ...virtualRows]),
    },
    `<ul id="subscription-table">${items.join('')}</ul>`,
  );
}

function item(name: string, classes: string, isSubscribed: boolean, isDisabled: boolean): string {
  const box = `<input type="checkbox" name="_subscribed[]" value="${escapeHtml(name)}"${isSubscribed ? ' checked="checked"' : ''}${isDisabled ? ' disabled="disabled"' : ''}>`;
  return `<li class="${classes}"><a href="#">${escapeHtml(name)}</a>${box}</li>`;
}

function saveFolder(context: Context): FakeReply {
  const { request, switches, account } = context;
  // As an XMLHttpRequest it does nothing and says nothing.
  if (request.isXhr) return answer(context, []);
  const parent = request.value('_parent');
  const old = request.value('_mbox');
  const bare = request.value('_name').trim();
  const name = `${parent === '' ? switches.namespace : `${parent}${DELIMITER}`}${toModifiedUtf7(bare)}`;
  if (switches.imapDown) return answer(context, [STORAGE_DOWN]);
  if (bare === '' || /[%*/\x00-\x1f]/.test(bare) || account.storage.has(name))
    return html('<script>parent.rcmail.display_message("Could not create folder","error",0);</script>');
  if (old === '') account.storage.set(name, freshMailbox(name));
  else for (const one of withBelow(context, old)) rename(context, one, `${name}${one.name.slice(old.length)}`);
  const done = message('Folder saved successfully.', 'confirmation');
  return answer(context, [
    old === '' ? ['add_folder_row', name, bare, bare, false, true, ''] : ['replace_folder_row', old, name, bare, bare, false, ''],
    done,
  ]);
}

function rename(context: Context, one: FakeMailbox, name: string): void {
  context.account.storage.delete(one.name);
  one.name = name;
  context.account.storage.set(name, one);
}

/** And everything below it, mail and all (rcube_imap::delete_folder). */
function deleteFolder(context: Context): FakeReply {
  const name = context.request.value('_mbox');
  if (context.switches.imapDown || !context.account.storage.has(name)) return answer(context, [message('Unable to delete.', 'error')]);
  for (const one of withBelow(context, name)) context.account.storage.delete(one.name);
  return answer(context, [['remove_folder_row', name], message('Folder successfully deleted.', 'confirmation')]);
}

function setSubscribed(context: Context, isSubscribed: boolean): FakeReply {
  const found = context.account.storage.get(context.request.value('_mbox'));
  if (context.switches.imapDown || found === undefined) return answer(context, [message('An error occurred.', 'error')]);
  found.isSubscribed = isSubscribed;
  return answer(context, [message('Folder successfully (un)subscribed.', 'confirmation')]);
}

function withBelow(context: Context, name: string): FakeMailbox[] {
  return [...context.account.storage.values()].filter((one) => one.name === name || one.name.startsWith(`${name}${DELIMITER}`));
}
