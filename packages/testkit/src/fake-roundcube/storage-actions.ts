import { randomUUID } from 'node:crypto';
import { answer, message, STORAGE_DOWN, type Action, type Context } from './context.ts';
import { readImport } from './import-reader.ts';
import { append, freshMailbox, headerFields, search, type FakeMailbox, type FakeMessage } from './mailboxes.ts';
import { html, page, type FakeCall } from './replies.ts';

const PAGE_SIZE = 50;

export const storageActions: Readonly<Record<string, Action>> = {
  'mail.list': list,
  'mail.search': searchAction,
  'mail.viewsource': viewSource,
  'mail.import': importAction,
  'mail.mark': mark,
  'mail.move': move,
  'mail.delete': expunge,
  'mail.keep-alive': (context) => answer(context, []),
  'settings.folders': (context) =>
    page(
      {
        task: 'settings',
        subscriptionrows: Object.fromEntries([...context.account.storage.keys()].map((name) => [name, [name, name, false]])),
      },
      '',
    ),
  'settings.save-folder': saveFolder,
};

function list(context: Context): ReturnType<Action> {
  const mbox = context.request.value('_mbox');
  const saved = context.session.searches.get(context.request.value('_search'));
  return rows(context, mbox, saved ?? context.account.storage.get(mbox)?.messages, {});
}

function searchAction(context: Context): ReturnType<Action> {
  const mbox = context.request.value('_mbox');
  const mailbox = context.account.storage.get(mbox);
  const found = mailbox === undefined ? undefined : search(mailbox, context.request.value('_filter'));
  const id = randomUUID();
  context.session.searches.set(id, found ?? []);
  return rows(context, mbox, found, { search_request: id, search_filter: context.request.value('_filter') });
}

function rows(context: Context, mbox: string, found: readonly FakeMessage[] | undefined, env: Record<string, unknown>): ReturnType<Action> {
  const common = { mailbox: mbox, multifolder_listing: false, ...env };
  // DANGER, as in the real one: an empty listing, and an error beside it.
  if (context.switches.imapDown || found === undefined) {
    const error = context.switches.imapDown ? STORAGE_DOWN : message(`Server Error: SELECT: Mailbox doesn't exist: ${mbox}`, 'error');
    return answer(context, [message('Mailbox is empty', 'notice'), error], { ...common, messagecount: 0, pagecount: 0, exists: 0 });
  }
  const from = (Math.max(1, Number(context.request.value('_page')) || 1) - 1) * PAGE_SIZE;
  const shown = found.toReversed().slice(from, from + PAGE_SIZE);
  const calls = shown.map((one): FakeCall => {
    const subject = headerFields(one.raw).find(([name]) => name === 'subject')?.[1] ?? '';
    return [
      'add_message_row',
      one.uid,
      { subject, fromto: '', date: 'Today 11:58', size: '1 KB' },
      Object.fromEntries([...one.flags].map((flag) => [flag, 1])),
      false,
    ];
  });
  return answer(context, found.length === 0 ? [message('Search returned no matches.', 'notice')] : calls, {
    ...common,
    messagecount: found.length,
    pagecount: Math.ceil(found.length / PAGE_SIZE),
    exists: context.account.storage.get(mbox)?.messages.length ?? 0,
  });
}

function viewSource(context: Context): ReturnType<Action> {
  const mailbox = context.account.storage.get(context.request.value('_mbox'));
  const found = context.switches.imapDown ? undefined : mailbox?.messages.find((one) => one.uid === Number(context.request.value('_uid')));
  // A missing message and a storage that is down look the same: an empty download.
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'content-disposition': 'attachment; filename="message.eml"' };
  return { status: 200, headers, body: found?.raw ?? Buffer.alloc(0) };
}

function importAction(context: Context): ReturnType<Action> {
  const mailbox = context.account.storage.get(context.request.value('_mbox'));
  const files = context.request.files.filter((file) => file.field === '_file[]');
  const messages = mailbox === undefined || context.switches.imapDown ? [] : files.flatMap((file) => readImport(file.content));
  if (mailbox === undefined || messages.length === 0) {
    return answer(context, [message('Import failed! The uploaded file is not a valid message or mailbox file', 'error')]);
  }
  for (const raw of messages) append(mailbox, raw);
  return answer(context, [message(`Successfully imported ${messages.length} messages`, 'confirmation'), ['command', 'list']]);
}

function mark(context: Context): ReturnType<Action> {
  const flag = context.request.value('_flag');
  return onChosen(context, 'marked', (_mailbox, chosen) => {
    for (const one of chosen) {
      if (flag === 'read') one.flags.add('seen');
      else if (flag === 'unread') one.flags.delete('seen');
      else if (flag.startsWith('un')) one.flags.delete(flag.slice(2));
      else one.flags.add(flag);
    }
  });
}

function move(context: Context): ReturnType<Action> {
  const target = context.account.storage.get(context.request.value('_target_mbox'));
  if (target === undefined) return answer(context, [['list_mailbox'], message("Server Error: UID MOVE: Mailbox doesn't exist", 'error')]);
  return onChosen(context, 'moved', (mailbox, chosen) => {
    for (const one of chosen) append(target, one.raw, [...one.flags]);
    remove(mailbox, chosen);
  });
}

function expunge(context: Context): ReturnType<Action> {
  return onChosen(context, 'deleted', remove);
}

function remove(mailbox: FakeMailbox, chosen: readonly FakeMessage[]): void {
  mailbox.messages = mailbox.messages.filter((one) => !chosen.includes(one));
}

/** Unknown UIDs "succeed" without a word. */
function onChosen(
  context: Context,
  done: string,
  change: (mailbox: FakeMailbox, chosen: readonly FakeMessage[]) => void,
): ReturnType<Action> {
  const mailbox = context.account.storage.get(context.request.value('_mbox'));
  if (context.switches.imapDown || mailbox === undefined) {
    return answer(context, [message('Server Error: Could not connect to 127.0.0.1:143: Connection refused', 'error')]);
  }
  const uids = new Set(context.request.value('_uid').split(',').map(Number));
  change(
    mailbox,
    mailbox.messages.filter((one) => uids.has(one.uid)),
  );
  return answer(context, [message(`Message(s) ${done} successfully.`, 'confirmation')]);
}

function saveFolder(context: Context): ReturnType<Action> {
  // As an XMLHttpRequest it does nothing and says nothing.
  if (context.request.isXhr) return answer(context, []);
  const name = context.request.value('_name');
  if (context.switches.imapDown) return answer(context, [STORAGE_DOWN]);
  if (name === '' || context.account.storage.has(name))
    return html('<script>parent.rcmail.display_message("Could not create folder","error",0);</script>');
  context.account.storage.set(name, freshMailbox(name));
  return answer(context, [['add_folder_row', name, name, name, false, true, ''], message('Folder created successfully.', 'confirmation')]);
}
