import type { FakeEmail, FakeJmapAccount } from './account.ts';
import { byId, failed, listOf, picked, recordOf, stepAfter, type Answered, type Args, type Method, type MethodContext } from './method.ts';

export const emailMethods: Readonly<Record<string, Method>> = {
  'Email/get': (args, { account, maxObjectsInGet }) => {
    if (listOf(args['ids']).length > maxObjectsInGet) return failed('requestTooLarge');
    const { list, notFound } = byId(account.emails, args['ids']);
    return [['Email/get', { state: account.state, list: list.map((email) => picked(shown(email), args['properties'])), notFound }]];
  },
  'Email/query': (args, { account }) => {
    const filter = recordOf(args)['filter'] ?? {};
    const mailbox = filter['inMailbox'];
    if (typeof mailbox === 'string' && !account.mailboxes.has(mailbox)) return failed('invalidArguments');
    const found = [...account.emails.values()].filter((email) => matches(email, filter)).toSorted(newestFirst);
    const ids = found.map((email) => email.id);
    let position = Number(args['position'] ?? 0);
    if (typeof args['anchor'] === 'string') {
      const at = ids.indexOf(args['anchor']);
      if (at === -1) return failed('anchorNotFound');
      position = at + Number(args['anchorOffset'] ?? 0);
    }
    const page = ids.slice(position, position + Number(args['limit'] ?? ids.length));
    const total = args['calculateTotal'] === true ? { total: ids.length } : {};
    return [['Email/query', { queryState: account.state, canCalculateChanges: false, position, ids: page, ...total }]];
  },
  'Email/changes': (args, { account }) => {
    const changes = account.changesSince(String(args['sinceState']), Number(args['maxChanges'] ?? 1000));
    return changes === undefined ? failed('cannotCalculateChanges') : [['Email/changes', changes]];
  },
  'Email/set': setEmails,
  'Email/import': (args, { account }) => {
    const created: Record<string, unknown> = {};
    const notCreated: Record<string, { type: string }> = {};
    for (const [key, order] of Object.entries(recordOf(args['emails']))) {
      const raw = account.blobs.get(String(order['blobId']));
      const mailboxIds = new Set(Object.keys(recordOf(order['mailboxIds'])));
      if (raw === undefined || mailboxIds.size === 0 || ![...mailboxIds].every((id) => account.mailboxes.has(id))) {
        notCreated[key] = { type: 'invalidProperties' };
        continue;
      }
      const keywords = new Set(Object.keys(recordOf(order['keywords'])));
      const { id, blobId } = account.addEmail({ raw, mailboxIds, keywords, receivedAtMs: Date.parse(String(order['receivedAt'])) });
      created[key] = { id, blobId, size: raw.length, threadId: `T${id}` };
    }
    return [['Email/import', { oldState: '0', newState: account.state, created, notCreated }]];
  },
};

export function setEmails(args: Args, { account, switches: { isReadOnly } }: MethodContext): Answered {
  if (typeof args['ifInState'] === 'string' && args['ifInState'] !== account.state) return failed('stateMismatch');
  const updated: Record<string, null> = {};
  const destroyed: string[] = [];
  const notUpdated: Record<string, { type: string }> = {};
  const notDestroyed: Record<string, { type: string }> = {};
  for (const [id, patch] of Object.entries(recordOf(args['update']))) {
    const email = account.emails.get(id);
    const error = email === undefined ? 'notFound' : isReadOnly ? 'serverFail' : patched(account, email, patch);
    if (error === undefined) updated[id] = null;
    else notUpdated[id] = { type: error };
  }
  for (const id of listOf(args['destroy'])) {
    if (!account.emails.has(id)) notDestroyed[id] = { type: 'notFound' };
    else if (isReadOnly) notDestroyed[id] = { type: 'serverFail' };
    else {
      destroyed.push(id);
      account.destroyEmail(id);
    }
  }
  return [['Email/set', { oldState: '0', newState: account.state, created: null, updated, destroyed, notUpdated, notDestroyed }]];
}

/** Why not; undefined: it was done. */
function patched(account: FakeJmapAccount, email: FakeEmail, patch: Readonly<Record<string, unknown>>): string | undefined {
  const mailboxIds = new Set(email.mailboxIds);
  const keywords = new Set(email.keywords);
  for (const [path, value] of Object.entries(patch)) {
    const [mailbox, keyword] = [stepAfter('mailboxIds/', path), stepAfter('keywords/', path)];
    if (mailbox === undefined && keyword === undefined) return 'invalidPatch';
    if (mailbox !== undefined && value === true && !account.mailboxes.has(mailbox)) return 'invalidProperties';
    const [set, entry] = mailbox === undefined ? [keywords, keyword ?? ''] : [mailboxIds, mailbox];
    if (value === true) set.add(entry);
    else set.delete(entry);
  }
  if (mailboxIds.size === 0) return 'invalidProperties';
  replace(email.mailboxIds, mailboxIds);
  replace(email.keywords, keywords);
  account.touch(email);
  return undefined;
}

function replace(old: Set<string>, other: ReadonlySet<string>): void {
  old.clear();
  for (const entry of other) old.add(entry);
}

function shown(email: FakeEmail): Record<string, unknown> {
  return {
    id: email.id,
    blobId: email.blobId,
    threadId: `T${email.id}`,
    mailboxIds: Object.fromEntries([...email.mailboxIds].map((id) => [id, true])),
    keywords: Object.fromEntries([...email.keywords].map((keyword) => [keyword, true])),
    size: email.raw.length,
    receivedAt: new Date(email.receivedAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    headers: headersOf(email.raw),
  };
}

function headersOf(raw: Buffer): { name: string; value: string }[] {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.subarray(0, end === -1 ? raw.length : end).toString('utf8');
  return head.split(/\r\n(?![ \t])/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon === -1 ? [] : [{ name: line.slice(0, colon), value: line.slice(colon + 1) }];
  });
}

function matches(email: FakeEmail, filter: Readonly<Record<string, unknown>>): boolean {
  const { inMailbox, header } = filter;
  if (typeof inMailbox === 'string' && !email.mailboxIds.has(inMailbox)) return false;
  if (!Array.isArray(header)) return true;
  const [name, text] = (header as string[]).map((part) => part.toLowerCase());
  return headersOf(email.raw).some((field) => field.name.toLowerCase() === name && field.value.toLowerCase().includes(text ?? ''));
}

function newestFirst(one: FakeEmail, other: FakeEmail): number {
  return other.receivedAtMs - one.receivedAtMs || Number(other.id.slice(1)) - Number(one.id.slice(1));
}
