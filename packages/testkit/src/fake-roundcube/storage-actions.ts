import { answer, message, type Action, type Context } from './context.ts';
import { readImport } from './import-reader.ts';
import { append, type FakeMailbox, type FakeMessage } from './mailboxes.ts';
import { html, type FakeReply } from './replies.ts';
import { zipOf } from './zip.ts';

export const storageActions: Readonly<Record<string, Action>> = {
  'mail.viewsource': viewSource,
  'mail.plugin.zipdownload.messages': zipDownload,
  'mail.import': importAction,
  'mail.mark': mark,
  'mail.move': move,
  'mail.copy': copy,
  'mail.delete': expunge,
  'mail.keep-alive': (context) => answer(context, []),
};

function viewSource(context: Context): FakeReply {
  const { request, switches, account } = context;
  const mailbox = account.storage.get(request.value('_mbox'));
  const found = switches.imapDown ? undefined : mailbox?.messages.find((one) => one.uid === Number(request.value('_uid')));
  // A missing message and a storage that is down look the same: an empty download.
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'content-disposition': 'attachment; filename="message.eml"' };
  if (found === undefined) return { status: 200, headers, body: Buffer.alloc(0) };
  const length = switches.announcesNoLength ? {} : { 'content-length': String(found.raw.length) };
  const isHalf = takeHalf(context);
  const body = isHalf ? found.raw.subarray(0, found.raw.length / 2) : found.raw;
  return { status: 200, headers: { ...headers, ...length }, body, ...(isHalf && !switches.announcesNoLength ? { isCut: true } : {}) };
}

/** The plugin (1.6): entries `UID subject.eml`; what is missing is empty, what broke off is half, and nothing says so. */
function zipDownload(context: Context): FakeReply {
  const { request, switches, account } = context;
  const mailbox = account.storage.get(request.value('_mbox'));
  const uids = request.value('_uid').split(',').map(Number);
  const chosen = uids.map((uid) => ({ uid, one: switches.imapDown ? undefined : mailbox?.messages.find((each) => each.uid === uid) }));
  const size = chosen.reduce((sum, { one }) => sum + (one?.raw.length ?? 0), 0);
  if (size > switches.largestZipBytes)
    return html('<script>parent.rcmail.display_message("Selected messages exceed the size limit.","error",0);</script>');
  const entries = chosen.map(({ uid, one }) => {
    const raw = one?.raw ?? Buffer.alloc(0);
    return { name: `${uid} subject.eml`, content: takeHalf(context) ? raw.subarray(0, raw.length / 2) : raw };
  });
  const headers = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="INBOX.zip"' };
  return { status: 200, headers, body: zipOf(entries) };
}

function takeHalf({ switches }: Context): boolean {
  return switches.halfMessages > 0 && switches.halfMessages-- > 0;
}

function importAction(context: Context): FakeReply {
  const mailbox = context.account.storage.get(context.request.value('_mbox'));
  const files = context.request.files.filter((file) => file.field === '_file[]');
  const messages = mailbox === undefined || context.switches.imapDown ? [] : files.flatMap((file) => readImport(file.content));
  if (mailbox === undefined || messages.length === 0 || messages.some(({ raw }) => raw.includes(0))) {
    return answer(context, [message('Import failed! The uploaded file is not a valid message or mailbox file', 'error')]);
  }
  for (const { raw, receivedAtMs } of messages) append(mailbox, raw, receivedAtMs === undefined ? {} : { receivedAtMs });
  return answer(context, [message(`Successfully imported ${messages.length} messages`, 'confirmation'), ['command', 'list']]);
}

const MARKS: ReadonlyMap<string, string> = new Map([
  ['READ', 'SEEN'],
  ['UNREAD', 'UNSEEN'],
  ['DELETE', 'DELETED'],
  ['UNDELETE', 'UNDELETED'],
]);
const SYSTEM = new Set(['SEEN', 'DELETED', 'ANSWERED', 'DRAFT', 'FLAGGED', 'FORWARDED', 'MDNSENT']);

/** As mark.php and set_flag read it: whatever begins with UN takes away. */
function mark(context: Context): FakeReply {
  const said = context.request.value('_flag').toUpperCase();
  const flag = MARKS.get(said) ?? said;
  const isTaken = flag.startsWith('UN');
  const name = isTaken ? flag.slice(2) : flag;
  if (name === '' || /[\x00-\x20\x7f(){"*%\\]/.test(name)) return answer(context, [message('Could not mark message(s).', 'error')]);
  const kept = `${SYSTEM.has(name) ? '$' : ''}${name.toLowerCase()}`;
  return onChosen(context, 'marked', (_mailbox, chosen) => {
    for (const one of chosen) {
      if (isTaken) one.flags.delete(kept);
      else one.flags.add(kept);
    }
  });
}

function move(context: Context): FakeReply {
  const target = context.account.storage.get(context.request.value('_target_mbox'));
  if (target === undefined) return answer(context, [['list_mailbox'], message("Server Error: UID MOVE: Mailbox doesn't exist", 'error')]);
  return onChosen(context, 'moved', (mailbox, chosen) => {
    // `read_when_deleted` is on by default.
    for (const one of chosen) append(target, one.raw, { ...one, flags: target.role === 'trash' ? [...one.flags, '$seen'] : one.flags });
    expungeThese(context, mailbox, chosen);
  });
}

function copy(context: Context): FakeReply {
  const target = context.account.storage.get(context.request.value('_target_mbox'));
  if (target === undefined) return answer(context, [message("Server Error: UID COPY: Mailbox doesn't exist", 'error')]);
  return onChosen(context, 'copied', (_mailbox, chosen) => {
    for (const one of chosen) append(target, one.raw, one);
  });
}

function expunge(context: Context): FakeReply {
  return onChosen(context, 'deleted', (mailbox, chosen) => expungeThese(context, mailbox, chosen));
}

/** Without UIDPLUS everything goes that is marked deleted (rcube_imap_generic::expunge). */
function expungeThese({ switches }: Context, mailbox: FakeMailbox, chosen: readonly FakeMessage[]): void {
  const isDoomed = (one: FakeMessage): boolean => chosen.includes(one) || (!switches.hasUidPlus && one.flags.has('$deleted'));
  mailbox.messages = mailbox.messages.filter((one) => !isDoomed(one));
}

/** Unknown UIDs "succeed" without a word. */
function onChosen(context: Context, done: string, change: (mailbox: FakeMailbox, chosen: readonly FakeMessage[]) => void): FakeReply {
  const mailbox = context.account.storage.get(context.request.value('_mbox'));
  const isGone = context.switches.breaksOff > 0 && context.switches.breaksOff-- > 0;
  if (context.switches.imapDown || isGone || mailbox === undefined) {
    return answer(context, [message('Server Error: Could not connect to 127.0.0.1:143: Connection refused', 'error')]);
  }
  const uids = new Set(context.request.value('_uid').split(',').map(Number));
  change(
    mailbox,
    mailbox.messages.filter((one) => uids.has(one.uid)),
  );
  return answer(context, [message(`Message(s) ${done} successfully.`, 'confirmation')]);
}
