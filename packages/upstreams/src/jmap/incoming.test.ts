import { Readable } from 'node:stream';
import { asId, Secret, systemClock, type IncomingSession, type UrlPath } from '@stopgap/core';
import { startFakeJmap, type FakeJmap } from '@stopgap/testkit';
import { CALM, collect, failureOf, incomingContract, smallMessage, type IncomingCan } from '@stopgap/testkit/incoming-contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGuard } from '../net/guard.ts';
import { createJmapUpstream } from './upstream.ts';

const ME = { address: 'alice@provider.test', password: 'secret-alice' };

const CAN: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'drafts', 'sent', 'trash'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: true,
  dates: true,
  delta: true,
  state: 'account',
  validity: false,
  find: true,
  idle: true,
  push: true,
  subscribe: true,
  exactExpunge: true,
};

async function openOn(fake: FakeJmap): Promise<IncomingSession> {
  const path: UrlPath = {
    id: asId.path('fake'),
    provider: asId.provider('fake'),
    direction: 'incoming',
    connections: 4,
    kind: 'jmap',
    url: fake.url,
  };
  const upstream = createJmapUpstream({ guard: createGuard({ allowPrivate: true }), clock: systemClock, pollMs: 10 });
  const credential = async () => ({ username: ME.address, password: new Secret(ME.password) });
  const session = await upstream.open?.(path, credential, AbortSignal.timeout(10_000));
  if (session === undefined) throw new Error('this kind can not be read');
  return session;
}

describe.each([false, true])('with a stream of events: %s', (hasEvents) => {
  incomingContract('JMAP from the fake', {
    can: CAN,
    async start() {
      const fake = await startFakeJmap({ accounts: [ME], onSend: async () => undefined });
      fake.switches.hasEvents = hasEvents;
      let came = Date.UTC(2026, 10, 20);
      const store = fake.store(ME.address);
      return {
        store: { ...store, append: (path, message) => store.append(path, { receivedAtMs: (came += 1000), ...message }) },
        open: () => openOn(fake),
        cut: async () => fake.cut(),
        close: () => fake.close(),
      };
    },
  });
});

describe('a JMAP server in trouble', () => {
  let fake: FakeJmap;
  let session: IncomingSession;
  const inbox = async () => {
    const found = (await session.list(CALM)).find(({ role }) => role === 'inbox');
    if (found === undefined) throw new Error('no inbox');
    return found.id;
  };
  const ids = (words: readonly string[]) => words.map((word) => asId.remoteMessage(word));

  beforeEach(async () => {
    fake = await startFakeJmap({ accounts: [ME], onSend: async () => undefined });
    session = await openOn(fake);
    for (let number = 0; number < 60; number++) {
      const bytes = smallMessage(`number-${number}`);
      await fake.store(ME.address).append(['INBOX'], { bytes, receivedAtMs: Date.UTC(2026, 1, 1) + number * 1000 });
    }
  });

  afterEach(async () => {
    await session.close();
    await fake.close();
  });

  test('a mailbox larger than a page is listed whole, newest first', async () => {
    const listing = await session.changes(await inbox(), { known: new Set() }, CALM);
    expect(listing.kind === 'full' && listing.messages.map(({ receivedAtMs }) => receivedAtMs)).toEqual(
      Array.from({ length: 60 }, (_, number) => Date.UTC(2026, 1, 1) + (59 - number) * 1000),
    );
  });

  test('mail that comes while the pages are read hides nothing, and is told by the next look', async () => {
    let pages = 0;
    fake.switches.spoiled.set('Email/query', (args) => {
      pages += 1;
      if (pages === 1) void fake.store(ME.address).append(['INBOX'], { bytes: smallMessage('late') });
      return args;
    });
    const mailbox = await inbox();
    const listing = await session.changes(mailbox, { known: new Set() }, CALM);
    if (listing.kind !== 'full') throw new Error('a first listing is full');
    expect(new Set(listing.messages.map(({ id }) => id)).size).toBe(60);
    const known = new Set(listing.messages.map(({ id }) => id));
    const next = await session.changes(mailbox, { known, cursor: listing.cursor ?? '' }, CALM);
    expect(next).toMatchObject({ kind: 'delta', changed: [{ sizeBytes: smallMessage('late').length }] });
  });

  test.for<[string, (args: Record<string, unknown>) => Record<string, unknown>]>([
    ['ends before its number', (args) => ({ ...args, ids: (args['ids'] as string[]).slice(0, 1).filter(() => args['position'] === 0) })],
    ['is empty though it has a number', (args) => ({ ...args, ids: [] })],
    ['repeats itself', (args) => ({ ...args, ids: ['E99'], total: 1000 })],
  ])('a list that %s is void', async ([, spoil]) => {
    fake.switches.spoiled.set('Email/query', spoil);
    expect((await failureOf(async () => session.changes(await inbox(), { known: new Set() }, CALM))).code).toBe('void');
  });

  test('a list of messages of which the server shows only a part is void', async () => {
    const mailbox = await inbox();
    fake.switches.spoiled.set('Email/get', (args) => ({ ...args, list: (args['list'] as unknown[]).slice(1) }));
    expect((await failureOf(() => session.changes(mailbox, { known: new Set() }, CALM))).code).toBe('void');
  });

  test('changes of which it shows only a part are passed over for a whole list: the next look would not tell the rest', async () => {
    const mailbox = await inbox();
    const { cursor = '' } = await session.changes(mailbox, { known: new Set() }, CALM);
    await fake.store(ME.address).append(['INBOX'], { bytes: smallMessage('late') });
    let gets = 0;
    fake.switches.spoiled.set('Email/get', (args) => ((gets += 1) > 2 ? args : { ...args, list: [] }));
    const listing = await session.changes(mailbox, { known: new Set(), cursor }, CALM);
    expect(listing.kind === 'full' && listing.messages).toHaveLength(61);
  });

  test('a message with a date that is none hides no other one', async () => {
    const mailbox = await inbox();
    fake.switches.spoiled.set('Email/get', (args) => {
      const [first, ...others] = args['list'] as Record<string, unknown>[];
      return { ...args, list: first === undefined ? [] : [{ ...first, receivedAt: 'yesterday' }, ...others] };
    });
    const listing = await session.changes(mailbox, { known: new Set() }, CALM);
    expect(listing.kind === 'full' && listing.messages.length).toBe(60);
    expect(listing.kind === 'full' && listing.messages[0]?.receivedAtMs).toBeUndefined();
  });

  test('a message that is there without its bytes is an error, and one that is gone is left out', async () => {
    const account = fake.account(ME.address);
    const mailbox = await inbox();
    const [first, second, third] = account.inMailbox(mailbox);
    account.blobs.delete(first?.blobId ?? '');
    const asked = ids([first?.id ?? '', second?.id ?? '']);
    expect((await failureOf(() => collect(session.fetch(mailbox, asked, CALM)))).code).toBe('void');
    account.destroyEmail(first?.id ?? '');
    expect((await collect(session.fetch(mailbox, asked, CALM))).map(({ id }) => id)).toEqual([second?.id]);
    fake.switches.spoiled.set('Email/get', (args) => ({ ...args, list: (args['list'] as unknown[]).slice(1) }));
    expect((await failureOf(() => collect(session.fetch(mailbox, ids([third?.id ?? '']), CALM)))).code).toBe('void');
  });

  test.for(['a page', 'half a message'])('%s instead of a message is void', async (what) => {
    const account = fake.account(ME.address);
    const mailbox = await inbox();
    const [email] = account.inMailbox(mailbox);
    const raw = what === 'a page' ? Buffer.from('<html>Please log in</html>') : (email?.raw.subarray(0, 20) ?? Buffer.alloc(0));
    account.blobs.set(email?.blobId ?? '', raw);
    expect((await failureOf(() => collect(session.fetch(mailbox, ids([email?.id ?? '']), CALM)))).code).toBe('void');
  });

  test.for([0, 1])('a list without an inbox is void (%i mailboxes)', async (count) => {
    fake.switches.spoiled.set('Mailbox/get', (args) => ({ ...args, list: (args['list'] as unknown[]).slice(1, 1 + count) }));
    expect((await failureOf(() => session.list(CALM))).code).toBe('void');
  });

  test('all mailboxes share one question for what has changed; looking at one again asks again', async () => {
    const all = await session.list(CALM);
    const cursors = new Map<string, string>();
    for (const { id } of all) cursors.set(id, (await session.changes(id, { known: new Set() }, CALM)).cursor ?? '');
    await fake.store(ME.address).append(['INBOX'], { bytes: smallMessage('new') });
    await session.list(CALM);
    fake.called.length = 0;
    for (const { id } of all) await session.changes(id, { known: new Set(), cursor: cursors.get(id) ?? '' }, CALM);
    expect(fake.called.filter((name) => name === 'Email/changes')).toHaveLength(1);
    const [first] = all;
    if (first === undefined) throw new Error('no mailbox');
    await session.changes(first.id, { known: new Set(), cursor: cursors.get(first.id) ?? '' }, CALM);
    expect(fake.called.filter((name) => name === 'Email/changes')).toHaveLength(2);
  });

  test.for(['cannotCalculateChanges', 'invalidArguments'])('a state that is forgotten (%s) gives a full listing', async (error) => {
    const mailbox = await inbox();
    const { cursor = '' } = await session.changes(mailbox, { known: new Set() }, CALM);
    fake.switches.methodErrors.set('Email/changes', error);
    expect(await session.changes(mailbox, { known: new Set(), cursor }, CALM)).toMatchObject({ kind: 'full' });
  });

  describe('appended to a server that holds the same bytes already', () => {
    /** As Cyrus answers: it makes the id from the bytes. */
    async function appendKnown(
      to: string,
    ): Promise<{ readonly id: string; readonly keywords: readonly string[]; readonly mailboxes: number }> {
      const account = fake.account(ME.address);
      const target = (await session.list(CALM)).find(({ role }) => role === to);
      const [known] = account.inMailbox(await inbox());
      if (target === undefined || known === undefined) throw new Error('nothing to append to, or nothing known');
      known.keywords.add('$answered');
      fake.switches.spoiled.set('Email/import', ({ created, ...args }) => {
        account.destroyEmail((created as { appended: { id: string } }).appended.id);
        return { ...args, created: null, notCreated: { appended: { type: 'alreadyExists', existingId: known.id } } };
      });
      const flags = ['$seen', '$flagged', '$deleted'] as const;
      const message = { sizeBytes: known.raw.length, flags, receivedAtMs: 0, open: () => Readable.from([known.raw]) };
      expect(await session.push?.append(target.id, message, CALM)).toBe(known.id);
      return { id: known.id, keywords: [...known.keywords].toSorted(), mailboxes: known.mailboxIds.size };
    }

    test('it is in this mailbox, too, with the flags that it has here besides its own', async () => {
      expect(await appendKnown('sent')).toMatchObject({ keywords: ['$answered', '$flagged', '$seen'], mailboxes: 2 });
    });

    test('in this very mailbox it is another message of the same bytes, whose flags stay as they are', async () => {
      expect(await appendKnown('inbox')).toMatchObject({ keywords: ['$answered'], mailboxes: 1 });
    });
  });

  test('a message that left this mailbox for another vanished from it, and is new there', async () => {
    const account = fake.account(ME.address);
    const mailbox = await inbox();
    const listing = await session.changes(mailbox, { known: new Set() }, CALM);
    const known = new Set(listing.kind === 'full' ? listing.messages.map(({ id }) => id) : []);
    const [email] = account.inMailbox(mailbox);
    const trash = (await session.list(CALM)).find(({ role }) => role === 'trash');
    if (email === undefined || trash === undefined) throw new Error('nothing to move');
    const { cursor: trashCursor = '' } = await session.changes(trash.id, { known: new Set() }, CALM);
    email.mailboxIds.clear();
    email.mailboxIds.add(trash.id);
    account.touch(email);
    const cursor = listing.cursor ?? '';
    expect(await session.changes(mailbox, { known, cursor }, CALM)).toMatchObject({ changed: [], vanished: [email.id] });
    const there = await session.changes(trash.id, { known: new Set(), cursor: trashCursor }, CALM);
    expect(there).toMatchObject({ kind: 'delta', changed: [{ id: email.id }], vanished: [] });
  });

  test('an e-mail in two mailboxes is one message in each; expunged from one, it stays in the other', async () => {
    const account = fake.account(ME.address);
    const mailbox = await inbox();
    const [email] = account.inMailbox(mailbox);
    const sent = (await session.list(CALM)).find(({ role }) => role === 'sent');
    if (email === undefined || sent === undefined) throw new Error('nothing to share');
    email.mailboxIds.add(sent.id);
    account.touch(email);
    expect(await session.changes(sent.id, { known: new Set() }, CALM)).toMatchObject({ messages: [{ id: email.id }] });
    await session.push?.expunge(mailbox, ids([email.id]), CALM);
    expect([...email.mailboxIds]).toEqual([sent.id]);
    await session.push?.expunge(mailbox, ids([email.id]), CALM);
    expect(account.emails.has(email.id)).toBe(true);
    await session.push?.expunge(sent.id, ids([email.id]), CALM);
    expect(account.emails.has(email.id)).toBe(false);
  });

  test('an e-mail that got another mailbox between the look and the deed is not destroyed', async () => {
    const account = fake.account(ME.address);
    const mailbox = await inbox();
    const [email] = account.inMailbox(mailbox);
    const sent = (await session.list(CALM)).find(({ role }) => role === 'sent');
    if (email === undefined || sent === undefined) throw new Error('nothing to share');
    fake.switches.spoiled.set('Email/get', (args) => {
      fake.switches.spoiled.delete('Email/get');
      email.mailboxIds.add(sent.id);
      account.touch(email);
      return args;
    });
    await session.push?.expunge(mailbox, ids([email.id]), CALM);
    expect([...email.mailboxIds]).toEqual([sent.id]);
  });

  test('an append whose answer is lost may have been stored; one that was turned away was not', async () => {
    const mailbox = await inbox();
    const bytes = smallMessage('appended');
    const message = {
      sizeBytes: bytes.length,
      flags: [],
      receivedAtMs: 0,
      open: async function* open() {
        yield bytes;
      },
    };
    fake.switches.lost = { method: 'Email/import', processed: true };
    expect((await failureOf(async () => session.push?.append(mailbox, message, CALM))).reason?.class).toBe('lost-answer');
    fake.switches.methodErrors.set('Email/import', 'forbidden');
    expect((await failureOf(async () => session.push?.append(mailbox, message, CALM))).reason?.class).not.toBe('lost-answer');
  });

  test('a mailbox that holds mail is not destroyed together with it', async () => {
    const made = await session.push?.createMailbox(['full'], CALM);
    if (made === undefined) throw new Error('not made');
    await fake.store(ME.address).append(['full'], { bytes: smallMessage('kept') });
    expect((await failureOf(async () => session.push?.deleteMailbox(made.id, CALM))).code).toBe('mailbox-not-empty');
    expect(await fake.store(ME.address).messages(['full'])).toHaveLength(1);
  });

  test('mailboxes with slashes in their names, and two of the same name, have paths of their own', async () => {
    const account = fake.account(ME.address);
    const above = account.addMailbox({ name: 'a/b', parentId: null, role: null, isSubscribed: false });
    account.addMailbox({ name: 'a\u2215b', parentId: null, role: null, isSubscribed: false });
    account.addMailbox({ name: '', parentId: above.id, role: null, isSubscribed: false });
    const paths = (await session.list(CALM)).map(({ path }) => path.join('/'));
    expect(paths).toEqual(expect.arrayContaining(['a\u2215b', 'a\u2215b (2)', 'a\u2215b/_']));
  });

  test('a password that does not count any more ends the session', async () => {
    fake.switches.refusal = { status: 401 };
    expect(await failureOf(() => session.list(CALM))).toMatchObject({ code: 'session-ended', reason: { class: 'auth' } });
  });

  test('a server that is busy says so, and until when', async () => {
    fake.switches.refusal = { status: 503, retryAfterS: 7 };
    expect(await failureOf(() => session.list(CALM))).toMatchObject({
      kind: 'transient',
      reason: { class: 'throttled' },
      retryAfterMs: 7000,
    });
  });

  test.for(['apiUrl', 'downloadUrl', 'uploadUrl', 'eventSourceUrl'])('a session whose %s leads elsewhere is not followed', async (name) => {
    const other = await startFakeJmap({ accounts: [ME], onSend: async () => undefined });
    fake.switches.session = { [name]: new URL('/jmap/', other.url).href };
    const misled = await openOn(fake);
    const mailbox = name === 'apiUrl' ? undefined : (await misled.list(CALM)).find(({ role }) => role === 'inbox')?.id;
    const work = async () => {
      if (mailbox === undefined) return misled.list(CALM);
      if (name === 'downloadUrl')
        return collect(misled.fetch(mailbox, ids([fake.account(ME.address).inMailbox(mailbox)[0]?.id ?? '']), CALM));
      if (name === 'eventSourceUrl') return misled.idle?.(mailbox, CALM);
      const bytes = smallMessage('x');
      const message = {
        sizeBytes: bytes.length,
        flags: [],
        receivedAtMs: 0,
        open: async function* open() {
          yield bytes;
        },
      };
      return misled.push?.append(mailbox, message, CALM);
    };
    expect((await failureOf(work)).code).toBe('jmap-elsewhere');
    expect(other.called).toEqual([]);
    await misled.close();
    await other.close();
  });
});
