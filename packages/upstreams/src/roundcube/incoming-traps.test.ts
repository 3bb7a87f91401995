import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asId, MailError, Secret, systemClock, type IncomingSession, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { fakeBackDoor, startFakeRoundcube, type FakeRoundcube } from '@stopgap/testkit';
import { CALM, fetchAll, mailboxAt, smallMessage, type BackDoor } from '@stopgap/testkit/incoming-contract';
import { createGuard } from '../net/guard.ts';
import { createRoundcubeUpstream } from './upstream.ts';

const me = { address: 'alice@provider.test', password: 'secret-alice' };
const INBOX = asId.remoteMailbox('INBOX');
const upstream = createRoundcubeUpstream({ guard: createGuard({ allowPrivate: true }), clock: systemClock });

let webmail: FakeRoundcube;
let store: BackDoor;
let session: IncomingSession;
let logins = 0;
beforeEach(async () => {
  webmail = await startFakeRoundcube({ accounts: [me], onSend: () => {} });
  store = fakeBackDoor(webmail, me.address);
  const path = { id: asId.path('p'), provider: asId.provider('p'), direction: 'incoming', connections: 2, kind: 'roundcube' } as const;
  const credential = async () => {
    logins++;
    return { username: me.address, password: new Secret(me.password) };
  };
  if (upstream.open === undefined) throw new Error('it can not be opened');
  session = await upstream.open({ ...path, url: webmail.url }, credential, AbortSignal.timeout(20_000));
  logins = 0;
});
afterEach(async () => {
  await session.close();
  await webmail.close();
});

async function fill(count: number, path: readonly string[] = ['INBOX']): Promise<void> {
  for (let number = 1; number <= count; number++) await store.append(path, { bytes: letter(number) });
}

function letter(number: number): Buffer {
  return smallMessage(`number-${number % 7}`, `${number} `.repeat(20));
}

async function listed(mailbox: RemoteMailboxId = INBOX): Promise<number[]> {
  const listing = await session.changes(mailbox, { known: new Set() }, CALM);
  return listing.kind === 'full' ? listing.messages.map((message) => Number(message.id)) : [];
}

function downFrom(high: number): number[] {
  return Array.from({ length: high }, (_, index) => high - index);
}

function idsOf(...uids: number[]): RemoteMessageId[] {
  return uids.map((uid) => asId.remoteMessage(String(uid)));
}

/** Lets it happen before one request of this name, the `nth`. */
function before(action: string, what: () => void, nth = 1): void {
  let seen = 0;
  webmail.switches.meanwhile = (name) => {
    if (name === action && ++seen === nth) what();
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof MailError ? error.code : String(error);
}

describe('a webmail that asks to come back later', () => {
  const failure = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  test.for([
    [{ status: 429, retryAfterS: 120 }, 120_000],
    [{ status: 503, retryAfterS: 7 }, 7000],
    [{ status: 429 }, undefined],
  ] as const)('by %j says so, and until when', async ([busy, retryAfterMs]) => {
    await fill(1);
    webmail.switches.busy = busy;
    // Nothing is said of the message, which would else be given up after some tries.
    for (const call of [() => session.list(CALM), () => listed(), () => fetchAll(session, INBOX, idsOf(1))]) {
      expect(await failure(call())).toMatchObject({
        kind: 'transient',
        code: 'roundcube-busy',
        reason: { class: 'throttled' },
        retryAfterMs,
      });
    }
    webmail.switches.busy = undefined;
    expect(await listed()).toEqual([1]);
  });

  test('may have stored what it was given', async () => {
    const bytes = letter(1);
    webmail.switches.busy = { status: 503, retryAfterS: 60 };
    const message = { sizeBytes: bytes.length, flags: [], receivedAtMs: 0, open: () => [bytes].values() as never };
    const stored = session.push?.append(INBOX, message, CALM);
    expect(await failure(Promise.resolve(stored))).toMatchObject({ reason: { class: 'lost-answer' }, retryAfterMs: 60_000 });
  });

  test('by a 503 without a time is down', async () => {
    webmail.switches.busy = { status: 503 };
    expect(await failure(session.list(CALM))).toMatchObject({ reason: { class: 'connect' }, retryAfterMs: undefined });
  });
});

describe('a listing is never short', () => {
  test('with the storage down it is void, and no mailbox is missing', async () => {
    await fill(3);
    webmail.switches.imapDown = true;
    expect(await codeOf(listed())).toBe('void');
    expect(await codeOf(session.list(CALM))).toBe('void');
    expect(await codeOf(fetchAll(session, INBOX, idsOf(1, 2, 3)))).toBe('void');
    expect(await codeOf(fetchAll(session, INBOX, idsOf(1)))).toBe('void');
    webmail.switches.imapDown = false;
    expect(await listed()).toEqual([3, 2, 1]);
  });

  test.for([1, 2, 3, 4, 5, 6, 7, 1000])('when the storage is gone without a word in the middle of %s requests', async (requests) => {
    await fill(3);
    webmail.switches.breaksOff = requests;
    expect(await listed().then(String, (error: MailError) => error.code)).toMatch(/^(?:3,2,1|void)$/);
    webmail.switches.breaksOff = requests;
    expect(await codeOf(session.list(CALM))).toMatch(/^(?:undefined|void)$/);
    webmail.switches.breaksOff = requests;
    const found = await session.find?.(INBOX, '<number-1@far.test>', CALM).then(String, (error: MailError) => error.code);
    expect(found).toMatch(/^(?:1|void)$/);
  });

  test('one mailbox that gives only errors, while INBOX answers, is refused: the others are looked at', async () => {
    const { id } = await mailboxAt(session, ['Sent']);
    const failure = (mailbox: RemoteMailboxId): Promise<unknown> => {
      before('search', () => (webmail.switches.imapDown = true));
      const { meanwhile } = webmail.switches;
      webmail.switches.meanwhile = (action) => {
        webmail.switches.imapDown = false;
        meanwhile?.(action);
      };
      return listed(mailbox).then(undefined, (error: unknown) => error);
    };
    expect(await failure(id)).toMatchObject({ kind: 'transient', code: 'refused', reason: { class: 'content' } });
    expect(await failure(INBOX)).toMatchObject({ kind: 'protocol', code: 'void' });
  });

  test('when a search is nothing only because the storage was gone, it is made again', async () => {
    await fill(3);
    before('search', () => (webmail.switches.nothingFound = true));
    expect(await session.find?.(INBOX, '<number-1@far.test>', CALM)).toEqual(['1']);
  });

  test('when the flags break off in the middle, the pages tell', async () => {
    await fill(120);
    webmail.switches.mostFlagRows = 119;
    expect(await listed()).toEqual(downFrom(120));
    webmail.switches.mostFlagRows = 0;
    expect(await listed()).toEqual(downFrom(120));
  });

  test.for(['search', 'refresh'])('when mail comes before the %s, it is in it', async (action) => {
    await fill(5);
    before(action, () => void store.append(['INBOX'], { bytes: letter(6) }));
    expect(await listed()).toEqual(downFrom(6));
  });

  test('when mail goes between the two requests, only that one is gone', async () => {
    await fill(5);
    before('refresh', () => void store.expunge(['INBOX'], [1]));
    expect(await listed()).toEqual([5, 4, 3, 1]);
  });

  describe('by pages alone', () => {
    beforeEach(() => {
      webmail.disable('refresh', 'unknown');
      webmail.preferences(me.address).pageSize = 10;
    });

    test('the session ends between two pages, and the new one has forgotten the search', async () => {
      await fill(35);
      before('list', () => webmail.expireSessions(), 2);
      expect(await listed()).toEqual(downFrom(35));
      expect(logins).toBe(1);
    });

    test('a message goes between two pages', async () => {
      await fill(35);
      before('list', () => void store.expunge(['INBOX'], [4]), 2);
      expect(await listed()).toEqual(downFrom(35).filter((uid) => uid !== 5));
    });

    test('the storage goes down between two pages', async () => {
      await fill(35);
      before('list', () => (webmail.switches.imapDown = true), 2);
      expect(await codeOf(listed())).toBe('void');
    });

    test('a proxy answers one page', async () => {
      await fill(35);
      webmail.switches.maintenance.add('list');
      expect(await codeOf(listed())).toBe('void');
    });

    test('threads make fewer rows of more messages', async () => {
      await fill(95);
      webmail.preferences(me.address).isThreaded = true;
      webmail.preferences(me.address).pageSize = 3;
      expect(await listed()).toEqual(downFrom(95));
    });
  });

  test('a mailbox beside which there is no other is told by its pages', async () => {
    await fill(60);
    for (const name of ['Drafts', 'Sent', 'Junk', 'Trash']) await store.deleteMailbox([name]);
    webmail.expireSessions();
    await session.list(CALM);
    expect(await listed()).toEqual(downFrom(60));
  });

  test('a large mailbox is told in pieces', async () => {
    await fill(25_000);
    let requests = 0;
    webmail.switches.meanwhile = (action) => void (action === 'refresh' && requests++);
    await store.expunge(['INBOX'], [0, 9_000, 24_000]);
    expect((await listed()).length).toBe(24_997);
    expect(requests).toBe(3);
  });

  test('what is marked deleted is there, also where the person hides it', async () => {
    await fill(3);
    await store.changeFlags(['INBOX'], [1], { add: ['$deleted'], remove: [] });
    webmail.preferences(me.address).skipDeleted = true;
    expect(await listed()).toEqual([3, 2, 1]);
    webmail.disable('refresh', 'unknown');
    expect(await listed()).toEqual([3, 2, 1]);
  });

  test.for(['search', 'refresh', 'folders'])('a friendly page instead of %s is void', async (action) => {
    await fill(3);
    webmail.switches.maintenance.add(action);
    expect(await codeOf(action === 'folders' ? session.list(CALM) : listed())).toBe('void');
  });
});

describe('the list of mailboxes', () => {
  test('that shows INBOX alone, for the storage was down just then, is read again', async () => {
    const all = (await session.list(CALM)).length;
    webmail.switches.meanwhile = (action) => {
      webmail.switches.imapDown = action === 'folders';
      if (action === 'folders') webmail.switches.meanwhile = (next) => void (next === 'search' && (webmail.switches.imapDown = false));
    };
    expect((await session.list(CALM)).length).toBe(all);
  });

  test.for([true, false])('that shows INBOX alone while the others answer is void (they are subscribed: %s)', async (isSubscribed) => {
    for (const mailbox of webmail.storage(me.address).values()) mailbox.isSubscribed = isSubscribed || mailbox.name === 'INBOX';
    webmail.switches.listFails = true;
    webmail.expireSessions();
    expect(await codeOf(session.list(CALM))).toBe('void');
    expect(await listed(asId.remoteMailbox('Junk'))).toEqual([]);
  });

  test('of one who has nothing but INBOX is believed', async () => {
    for (const name of ['Drafts', 'Sent', 'Junk', 'Trash']) await store.deleteMailbox([name]);
    expect((await session.list(CALM)).map((mailbox) => mailbox.id)).toEqual(['INBOX']);
  });

  test('of more than are read is void, and none of them is missing', async () => {
    const mailboxes = webmail.storage(me.address);
    const junk = mailboxes.get('Junk');
    if (!junk) throw new Error('no Junk');
    for (let i = 0; i < 10_000; i += 1) mailboxes.set(`Many ${i}`, { ...junk, name: `Many ${i}`, isSubscribed: false });
    expect(await codeOf(session.list(CALM))).toBe('void');
  });

  test('lacks a mailbox once the person has deleted it', async () => {
    await session.list(CALM);
    await store.deleteMailbox(['Junk']);
    expect((await session.list(CALM)).map((mailbox) => mailbox.path.join('/'))).not.toContain('Junk');
  });

  test('has what is only a place, as such', async () => {
    await store.createMailbox(['Kunden', 'Köln']);
    expect(await mailboxAt(session, ['Kunden'])).toMatchObject({ isSelectable: false });
    expect(await mailboxAt(session, ['Kunden', 'Köln'])).toMatchObject({ isSelectable: true, isSubscribed: false, id: 'Kunden/K&APY-ln' });
  });

  test('below a personal namespace is named without it, and made in it', async () => {
    webmail.switches.namespace = 'INBOX/';
    await store.createMailbox(['INBOX', 'Entwürfe']);
    expect(await mailboxAt(session, ['Entwürfe'])).toMatchObject({ id: 'INBOX/Entw&APw-rfe' });
    expect(await mailboxAt(session, ['INBOX'])).toMatchObject({ id: 'INBOX', role: 'inbox' });
    expect(await session.push?.createMailbox(['Kunden', 'Köln'], CALM)).toMatchObject({
      id: 'INBOX/Kunden/K&APY-ln',
      path: ['Kunden', 'Köln'],
    });
  });

  test('of a mailbox with others below it: that one is not deleted, for the webmail would take all', async () => {
    await store.createMailbox(['Kunden']);
    await store.createMailbox(['Kunden', 'Alt']);
    const { id } = await mailboxAt(session, ['Kunden']);
    expect(await codeOf(Promise.resolve(session.push?.deleteMailbox(id, CALM)))).toBe('name-refused');
    expect(await store.mailboxes()).toContain('Kunden/Alt');
  });
});

describe('bytes are whole or not given', () => {
  const expected = (count: number): string[] => downFrom(count).map((number) => letter(number).toString());
  const got = async (count: number): Promise<string[]> =>
    (await fetchAll(session, INBOX, idsOf(...downFrom(count)))).map((message) => message.bytes.toString());

  test.for<[string, () => void]>([
    ['some entries of the archive are half', () => (webmail.switches.halfMessages = 7)],
    ['the archive may not be so large', () => (webmail.switches.largestZipBytes = 1000)],
    ['the archive can never be had', () => (webmail.switches.largestZipBytes = 0)],
    ['a proxy answers instead of the archive', () => webmail.switches.maintenance.add('plugin.zipdownload.messages')],
    ['the answer with the archive is lost', () => webmail.loseAnswer('plugin.zipdownload.messages', { processed: true })],
    ['the plugin is switched off', () => webmail.disable('plugin.zipdownload.messages')],
    ['there is no plugin', () => webmail.disable('plugin.zipdownload.messages', 'unknown')],
  ])('%s', async ([, trouble]) => {
    await fill(60);
    trouble();
    expect(await got(60)).toEqual(expected(60));
  });

  test.for([true, false])('a raw source that breaks off is read again (announced length: %s)', async (hasLength) => {
    await fill(8);
    webmail.disable('plugin.zipdownload.messages', 'unknown');
    Object.assign(webmail.switches, { announcesNoLength: !hasLength, halfMessages: 1 });
    expect(await got(8)).toEqual(expected(8));
    webmail.switches.halfMessages = 1000;
    expect(await codeOf(got(8))).toBe(hasLength ? 'roundcube-lost' : 'void');
  });

  test('a message that went after the listing is left out, the others come', async () => {
    await fill(10);
    await listed();
    before('plugin.zipdownload.messages', () => void store.expunge(['INBOX'], [3, 4]));
    expect(await got(10)).toEqual(expected(10).filter((_, index) => index !== 5 && index !== 6));
  });

  test('a storage that goes down in the middle ends it, and gives nothing empty', async () => {
    await fill(10);
    webmail.disable('plugin.zipdownload.messages', 'unknown');
    before('viewsource', () => (webmail.switches.imapDown = true), 5);
    const sizes: number[] = [];
    const reading = async () => {
      for await (const { bytes } of session.fetch(INBOX, idsOf(...downFrom(10)), CALM)) {
        let size = 0;
        for await (const chunk of bytes) size += chunk.length;
        sizes.push(size);
      }
    };
    expect(await codeOf(reading())).toBe('void');
    expect(sizes.every((size) => size > 100)).toBe(true);
  });

  test('several sources that meet the end of the session log in once', async () => {
    await fill(12);
    webmail.disable('plugin.zipdownload.messages', 'unknown');
    before('viewsource', () => webmail.expireSessions(), 3);
    expect(await got(12)).toEqual(expected(12));
    expect(logins).toBe(1);
  });
});

describe('changes', () => {
  test('a message that is not read stays so on its way into the trash', async () => {
    await fill(2);
    await store.changeFlags(['INBOX'], [0], { add: ['$seen'], remove: [] });
    const { id } = await mailboxAt(session, ['Trash']);
    await session.push?.move(INBOX, idsOf(1, 2), id, CALM);
    const flags = (await store.messages(['Trash'])).map((message) => message.flags);
    expect(flags.toSorted((one, other) => one.length - other.length)).toEqual([[], ['$seen']]);
    expect(await store.messages(['INBOX'])).toEqual([]);
  });

  test.for<[string, () => Promise<unknown> | undefined]>([
    ['mark', () => session.push?.changeFlags(INBOX, idsOf(1), { add: ['$flagged'], remove: [] }, CALM)],
    ['move', async () => session.push?.move(INBOX, idsOf(1), (await mailboxAt(session, ['Sent'])).id, CALM)],
    ['delete', () => session.push?.expunge(INBOX, idsOf(1), CALM)],
    ['import', () => session.push?.append(INBOX, { sizeBytes: 1, flags: [], receivedAtMs: 0, open: () => once(letter(2)) }, CALM)],
    ['save-folder', () => session.push?.createMailbox(['Neu'], CALM)],
  ])('a %s that fails while the storage answers is about this one thing, else it says nothing', async ([action, change]) => {
    await fill(1);
    const failure = (): Promise<unknown> => Promise.resolve(change()).then(undefined, (error: unknown) => error);
    webmail.switches.meanwhile = (name) => (webmail.switches.imapDown = name === action);
    expect(await failure()).toMatchObject({ kind: 'transient', code: 'refused', reason: { class: 'content' } });
    webmail.switches.meanwhile = (name) => (webmail.switches.imapDown ||= name === action);
    expect(await failure()).toMatchObject({ code: 'void', reason: { class: 'protocol' } });
  });

  test('a copy that did not come leaves the original', async () => {
    await fill(1);
    const { id } = await mailboxAt(session, ['Trash']);
    let isCopied = false;
    webmail.switches.meanwhile = (action) => {
      const trash = webmail.mailbox(me.address, 'Trash');
      if (isCopied && action === 'search' && trash !== undefined) trash.messages = [];
      isCopied ||= action === 'copy';
    };
    expect(await codeOf(Promise.resolve(session.push?.move(INBOX, idsOf(1), id, CALM)))).toBe('refused');
    expect(await store.messages(['INBOX'])).toHaveLength(1);
  });

  test('an expunge takes nothing along where the server would', async () => {
    await fill(4);
    webmail.switches.hasUidPlus = false;
    await store.changeFlags(['INBOX'], [0, 2], { add: ['$deleted'], remove: [] });
    await session.push?.expunge(INBOX, idsOf(2, 3), CALM);
    expect((await store.messages(['INBOX'])).map((message) => message.flags)).toEqual([['$deleted'], []]);
  });

  test('nor does a move', async () => {
    await fill(3);
    webmail.switches.hasUidPlus = false;
    await store.changeFlags(['INBOX'], [0], { add: ['$deleted'], remove: [] });
    await session.push?.move(INBOX, idsOf(2), (await mailboxAt(session, ['Sent'])).id, CALM);
    expect((await store.messages(['INBOX'])).map((message) => message.flags)).toEqual([['$deleted'], []]);
  });

  test('a keyword that begins with "un" takes no other away', async () => {
    await fill(1);
    await store.changeFlags(['INBOX'], [0], { add: ['subscribed', '$seen'], remove: [] });
    await session.push?.changeFlags(INBOX, idsOf(1), { add: ['unsubscribed', 'unseen'], remove: [] }, CALM);
    expect(await store.messages(['INBOX'])).toMatchObject([{ flags: ['$seen', 'subscribed'] }]);
  });

  test('of two that were stored at once ours is found by its bytes', async () => {
    before('import', () => void store.append(['INBOX'], { bytes: letter(1) }));
    const append = { sizeBytes: letter(2).length, flags: ['$flagged'], receivedAtMs: 0, open: () => once(letter(2)) };
    expect(await session.push?.append(INBOX, append, CALM)).toBe('2');
    expect((await store.messages(['INBOX'])).map((message) => message.flags)).toEqual([[], ['$flagged']]);
  });

  test.for([true, false])('an append whose answer is lost is unclear (it was stored: %s)', async (processed) => {
    webmail.loseAnswer('import', { processed });
    const append = { sizeBytes: 1, flags: [], receivedAtMs: 0, open: () => once(letter(1)) };
    await expect(session.push?.append(INBOX, append, CALM)).rejects.toMatchObject({ reason: { class: 'lost-answer' } });
    expect(await store.messages(['INBOX'])).toHaveLength(processed ? 1 : 0);
  });

  test('a message with NUL in it is refused for good, and nothing is asked of the webmail', async () => {
    const append = { sizeBytes: 1, flags: [], receivedAtMs: 0, open: () => once(Buffer.from('Subject: a\r\n\r\n\0')) };
    await expect(session.push?.append(INBOX, append, CALM)).rejects.toMatchObject({ kind: 'permanent', reason: { class: 'route' } });
  });
});

test('nothing that is done becomes a preference of the person', async () => {
  await fill(30);
  webmail.preferences(me.address).pageSize = 10;
  webmail.preferences(me.address).isThreaded = true;
  for (const isOldWay of [false, true]) {
    if (isOldWay) webmail.disable('refresh', 'unknown');
    await session.list(CALM);
    await fetchAll(session, INBOX, idsOf(...(await listed())));
    await session.find?.(INBOX, '<number-1@far.test>', CALM);
    const made = await session.push?.createMailbox([isOldWay ? 'Alt' : 'Neu'], CALM);
    await session.push?.changeFlags(INBOX, idsOf(1), { add: ['$seen'], remove: [] }, CALM);
    await session.push?.move(INBOX, idsOf(isOldWay ? 1 : 2), made?.id ?? INBOX, CALM);
  }
  expect(webmail.preferences(me.address)).toEqual({ pageSize: 10, isThreaded: true, skipDeleted: false, sort: 'DESC', kept: [] });
});

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}
