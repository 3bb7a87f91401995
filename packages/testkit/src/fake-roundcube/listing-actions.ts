import { createHash } from 'node:crypto';
import { answer, message, STORAGE_DOWN, type Action, type Context } from './context.ts';
import { inSet, search } from './imap-search.ts';
import { headerFields, type FakeMailbox, type FakeMessage } from './mailboxes.ts';
import type { FakeCall, FakeReply } from './replies.ts';

export const listingActions: Readonly<Record<string, Action>> = {
  'mail.list': list,
  'mail.search': searchAction,
  'mail.refresh': refresh,
};

/** Kept as the person's wish, whoever asked (list.php, 1.6). */
const KEPT = ['_sort', '_threads', '_layout', '_cols'] as const;

function list(context: Context): FakeReply {
  const { request, session, account } = context;
  for (const name of KEPT) if (request.query.has(name)) account.preferences.kept.push(`${name}=${request.value(name)}`);
  const mailbox = account.storage.get(request.value('_mbox'));
  const saved = session.searches.get(request.value('_search'));
  // A search that the session does not know is passed over: the whole mailbox is listed.
  if (saved === undefined) return rows(context, mailbox, mailbox?.messages, {});
  return rows(context, mailbox, saved, { search_request: request.value('_search') });
}

function searchAction(context: Context): FakeReply {
  const { request, session, account, switches } = context;
  const filter = request.value('_filter');
  const mailbox = account.storage.get(request.value('_mbox'));
  const hides = account.preferences.skipDeleted && !filter.includes('UNDELETED');
  const all = mailbox === undefined ? undefined : search(mailbox, `${hides ? 'UNDELETED ' : ''}${filter}`);
  const found = switches.nothingFound ? [] : all;
  switches.nothingFound = false;
  // The same search has the same name in every session (search.php).
  const id = createHash('md5')
    .update(`${request.value('_mbox')}base${filter}`)
    .digest('hex');
  session.searches.clear();
  session.searches.set(id, found ?? []);
  return rows(context, mailbox, found, { search_request: id, search_filter: filter });
}

function rows(context: Context, mailbox: FakeMailbox | undefined, found: readonly FakeMessage[] | undefined, env: object): FakeReply {
  const { request, switches, account } = context;
  const { pageSize, isThreaded } = account.preferences;
  const mbox = request.value('_mbox');
  const common = { mailbox: mbox, multifolder_listing: false, ...env };
  // DANGER, as in the real one: no word of an error.
  if (switches.breaksOff > 0 && switches.breaksOff-- > 0)
    return answer(context, [message('Search returned no matches.', 'notice')], { ...common, messagecount: 0, pagecount: 0, exists: 0 });
  // DANGER, as in the real one: an empty listing, and an error beside it.
  if (switches.imapDown || mailbox === undefined || found === undefined) {
    const why = mailbox === undefined ? `SELECT: Mailbox doesn't exist: ${mbox}` : 'SEARCH: Unknown argument';
    const error = switches.imapDown ? STORAGE_DOWN : message(`Server Error: ${why}`, 'error');
    return answer(context, [message('Mailbox is empty', 'notice'), error], { ...common, messagecount: 0, pagecount: 0, exists: 0 });
  }
  const units = isThreaded ? threadsOf(found) : found.toReversed().map((one) => [one]);
  const from = (Math.max(1, Number(request.value('_page')) || 1) - 1) * pageSize;
  // What has gone since the search leaves a gap in its page.
  const shown = units
    .slice(from, from + pageSize)
    .flat()
    .filter((one) => mailbox.messages.includes(one));
  const calls = shown.map((one): FakeCall => ['add_message_row', one.uid, columnsOf(one), { ...shownFlags(one), mbox, ctype: '' }, false]);
  if (isThreaded && calls.length > 0) calls.push(['init_threads', [], mbox]);
  return answer(context, found.length === 0 ? [message('Search returned no matches.', 'notice')] : calls, {
    ...common,
    messagecount: units.length,
    pagecount: Math.ceil(units.length / pageSize),
    exists: mailbox.messages.length,
  });
}

/** check-recent with `_uids`: flags of the named UIDs; of the open mailbox only what changed since it was looked at, which here is nothing. */
function refresh(context: Context): FakeReply {
  const { request, switches, account } = context;
  if (switches.imapDown)
    return answer(context, [message('Server Error: Could not connect to 127.0.0.1:143: Connection refused', 'error')], {
      recent_flags: [],
    });
  if (switches.breaksOff > 0 && switches.breaksOff-- > 0) return answer(context, [], { recent_flags: [] });
  const [, set = '', name = ''] = /^([\d:]+)-(.*)$/s.exec(request.value('_uids[]')) ?? [];
  const mailbox = account.storage.get(name);
  if (mailbox === undefined || name === request.value('_mbox')) return answer(context, [], { recent_flags: [] });
  const asked = mailbox.messages.filter(inSet(set, mailbox)).slice(0, switches.mostFlagRows);
  const told = asked.map((one) => [`${one.uid}-${name}`, phpArray(shownFlags(one))]);
  return answer(context, [['set_unread_count', 'INBOX', 0, true, '']], { recent_flags: phpArray(Object.fromEntries(told)) });
}

/** Lower case, without the dollar. */
function shownFlags(one: FakeMessage): Record<string, number> {
  return Object.fromEntries([...one.flags].map((flag) => [flag.replace('$', ''), 1]));
}

/** PHP has one kind of array, and writes an empty one as a list. */
function phpArray(value: Record<string, unknown>): unknown {
  return Object.keys(value).length === 0 ? [] : value;
}

function columnsOf(one: FakeMessage): Record<string, string> {
  const subject = headerFields(one.raw).find(([name]) => name === 'subject')?.[1] ?? '';
  return { subject, fromto: '', date: 'Today 11:58', size: '1 KB' };
}

/** By subject, newest thread first. */
function threadsOf(found: readonly FakeMessage[]): FakeMessage[][] {
  const threads = new Map<string, FakeMessage[]>();
  for (const one of found) {
    const subject = (columnsOf(one)['subject'] ?? '').replace(/^(?:re: *)+/i, '');
    threads.set(subject, [...(threads.get(subject) ?? []), one]);
  }
  return [...threads.values()].toReversed();
}
