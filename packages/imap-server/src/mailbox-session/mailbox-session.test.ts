import { asId } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { ALL, bytesOf, fetched, oneChunk, TestSession } from './test-session.ts';

const LETTER = 'Message-ID: <1@a.test>\r\nSubject: one\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\nFrom: bob@b.test\r\n\r\nHello world\r\n';
const untilAborted = (): AbortSignal => AbortSignal.timeout(10_000);

async function append(at: TestSession, name: string, ...texts: readonly string[]) {
  const begun = await at.session.append(name);
  for (const text of texts) await begun.add({ flags: ['$seen'], sizeBytes: Buffer.byteLength(text), bytes: oneChunk(text) });
  return await begun.commit();
}

describe('mailboxes', () => {
  test('INBOX is there before the mirror has seen anything, and upstream is not told to make one', async () => {
    await using at = await TestSession.open();
    expect(await at.session.list()).toMatchObject([{ name: 'INBOX', isSubscribed: true, status: { messages: 0, uidNext: 1 } }]);
    expect(at.told()).toEqual([]);
  });

  test('are made with the ones above them and with a use, renamed, subscribed to and deleted, and upstream is told', async () => {
    await using at = await TestSession.open();
    const { session } = at;
    await session.create('Work/2026/', undefined);
    await session.create('Gone', 'Trash');
    await expect(session.create('Other', 'Trash')).rejects.toMatchObject({ code: 'use-taken' });
    await expect(session.create('All', 'All')).rejects.toMatchObject({ code: 'use-taken' });
    await expect(session.create('inbox', undefined)).rejects.toMatchObject({ code: 'mailbox-exists' });
    await session.rename('Work', 'Arbeit');
    await session.subscribe('Arbeit/2026', true);
    expect((await session.list()).map(({ name, use, isSubscribed }) => [name, use, isSubscribed])).toEqual([
      ['Arbeit', undefined, false],
      ['Arbeit/2026', undefined, true],
      ['Gone', 'Trash', false],
      ['INBOX', undefined, true],
    ]);
    await expect(session.delete('Arbeit')).rejects.toMatchObject({ code: 'mailbox-has-children' });
    await expect(session.delete('INBOX')).rejects.toMatchObject({ code: 'inbox-stays' });
    await expect(session.delete('nothing')).rejects.toMatchObject({ code: 'mailbox-missing' });
    await session.delete('Gone');
    expect(at.told()).toEqual(['create-mailbox', 'create-mailbox', 'rename-mailbox', 'subscribe']);
    expect(at.notified).toBe(5);
    expect(await session.status('Gone')).toBeUndefined();
    expect(await session.status('a//b')).toBeUndefined();
    await expect(session.open('Gone', { isReadOnly: false })).rejects.toMatchObject({ code: 'mailbox-missing' });
  });

  test('that were deleted are told as names to which one is subscribed, until they are made again or unsubscribed', async () => {
    await using at = await TestSession.open();
    const names = async () => (await at.session.list()).filter(({ isGone }) => isGone).map(({ name }) => name);
    for (const name of ['One', 'Two', 'Three']) {
      await at.session.create(name, undefined);
      if (name !== 'Three') await at.session.subscribe(name, true);
      await at.session.delete(name);
    }
    expect(await names()).toEqual(['One', 'Two']);
    await at.session.subscribe('One', false);
    await at.session.subscribe('One', false);
    await expect(at.session.subscribe('Two', true)).rejects.toMatchObject({ code: 'mailbox-missing' });
    await at.session.create('Two', undefined);
    expect(await names()).toEqual([]);
    expect((await at.session.list()).find(({ name }) => name === 'Two')).toMatchObject({ isSubscribed: true });
  });

  test('quota counts everything, and refuses what would go past it', async () => {
    await using at = await TestSession.open({ quotaBytes: 300 });
    await append(at, 'INBOX', LETTER);
    expect(await at.session.quota?.()).toEqual({ usedBytes: LETTER.length, limitBytes: 300 });
    await append(at, 'INBOX', LETTER);
    await expect(append(at, 'INBOX', LETTER)).rejects.toMatchObject({ code: 'over-quota' });
    const begun = await at.session.append('INBOX');
    await begun.add({ flags: [], sizeBytes: 50, bytes: oneChunk('x'.repeat(50)) });
    await expect(begun.add({ flags: [], sizeBytes: 50, bytes: oneChunk('x'.repeat(50)) })).rejects.toMatchObject({ code: 'over-quota' });
    await begun.abort();
    expect(await at.session.quota?.()).toMatchObject({ usedBytes: 2 * LETTER.length });
  });
});

describe('an open mailbox', () => {
  test('begins with the UIDs, the first unseen one and the keywords', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER, LETTER], { flags: ['$seen', 'work', '$label1'] });
    await at.arrive([LETTER]);
    await at.arrive([LETTER], { flags: ['$deleted', 'home'] });
    const { snapshot, mailbox } = await at.select();
    expect(snapshot).toMatchObject({ uidNext: 5, firstUnseen: 3, keywords: ['$label1', 'home', 'work'] });
    expect([...snapshot.uids]).toEqual([1, 2, 3, 4]);
    expect(mailbox).toMatchObject({ name: 'INBOX', permanentFlags: 'any', isReadOnly: false });
    expect(await at.session.deletedIn('INBOX')).toEqual({ messages: 1, sizeBytes: LETTER.length });
  });

  test('tells of what came, changed and went since, in it alone', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER, LETTER, LETTER]);
    const { mailbox, snapshot } = await at.select();
    await at.arrive([LETTER], { name: 'Other' });
    expect(await mailbox.changesSince(snapshot.modSeq)).toEqual({ modSeq: snapshot.modSeq, changed: [], vanished: [] });
    await mailbox.store([[2, 2]], { kind: 'change', change: { add: ['$flagged'], remove: [] } }, {});
    await mailbox.move([[1, 1]], 'Other');
    await at.arrive([LETTER]);
    const changes = await mailbox.changesSince(snapshot.modSeq);
    expect(changes).toMatchObject({
      changed: [
        { uid: 2, flags: ['$flagged'] },
        { uid: 4, flags: [] },
      ],
      vanished: [1],
    });
    expect(await mailbox.vanishedSince(snapshot.modSeq, [[2, 9]])).toEqual([]);
    expect(
      await mailbox.vanishedSince(snapshot.modSeq, [
        [1, 1],
        [5, 9],
      ]),
    ).toEqual([1]);
  });

  test('wakes who waits for a change in it, and nobody else', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER], { name: 'Other' });
    const { mailbox, snapshot } = await at.select();
    const abort = new AbortController();
    const idle = mailbox.waitForChange(snapshot.modSeq, abort.signal);
    const woken = mailbox.waitForChange(snapshot.modSeq, untilAborted());
    await at.arrive([LETTER], { name: 'Other' });
    expect(await mailbox.changesSince(snapshot.modSeq)).toMatchObject({ changed: [] });
    await at.arrive([LETTER]);
    expect(await woken).toBeGreaterThan(snapshot.modSeq);
    expect(await idle).toBeGreaterThan(snapshot.modSeq);
    const last = at.mailboxes.lastChange(asId.account('alice@a.test'));
    const never = mailbox.waitForChange(last, abort.signal);
    abort.abort();
    expect(await never).toBe(last);
  });

  test('called INBOX gives its messages to the new one when it is renamed, and stays (RFC 9051 6.3.6)', async () => {
    await using at = await TestSession.open();
    await at.arrive(Array.from({ length: 601 }, () => LETTER));
    const { mailbox } = await at.select();
    await at.session.rename('INBOX', 'Old/2026');
    expect((await at.select()).snapshot.uids).toHaveLength(0);
    expect((await at.select()).mailbox.uidValidity).toBe(mailbox.uidValidity);
    expect((await at.select('Old/2026')).snapshot.uids).toHaveLength(601);
    await expect(at.session.rename('INBOX', 'Old/2026')).rejects.toMatchObject({ code: 'mailbox-exists' });
  });

  test('is gone when it was deleted', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER], { name: 'Other' });
    const { mailbox, snapshot } = await at.select('Other');
    await at.session.delete('Other');
    expect(await mailbox.changesSince(snapshot.modSeq)).toBe('gone');
    expect(await mailbox.waitForChange(snapshot.modSeq, untilAborted())).toBeGreaterThan(snapshot.modSeq);
  });

  test('read-only, nothing in it changes', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER]);
    const { mailbox } = await at.select('INBOX', true);
    expect(mailbox.permanentFlags).toEqual([]);
    const readOnly = { code: 'mailbox-read-only' };
    await expect(mailbox.store([[1, 1]], { kind: 'replace', flags: [] }, {})).rejects.toMatchObject(readOnly);
    await expect(mailbox.move([[1, 1]], 'INBOX')).rejects.toMatchObject(readOnly);
    await expect(mailbox.expunge(undefined)).rejects.toMatchObject(readOnly);
  });
});

describe('messages', () => {
  test('are fetched in the detail that is asked for', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER, LETTER]);
    const { mailbox } = await at.select();
    expect((await fetched(mailbox, { detail: 'flags' })).map(({ uid, row }) => [uid, row])).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    const [row] = await fetched(mailbox, { detail: 'row' }, [[2, 7]]);
    expect(row).toMatchObject({ uid: 2, row: { sizeBytes: LETTER.length, receivedAtMs: Date.UTC(2026, 10, 20), emailId: 'm2' } });
    const [view] = await fetched(mailbox, { detail: 'view', content: 'parts' }, [[1, 1]]);
    expect(view?.view?.envelope()).toMatchObject({ subject: 'one' });
    expect(view?.view?.structure()).toMatchObject({ type: 'text' });
    expect(view?.view?.preview).toBe('Hello world');
    expect(view?.content?.bytes?.toString()).toBe(LETTER);
    expect(await bytesOf(view?.content?.open(12, 20))).toBe(LETTER.slice(12, 20));
    const { modSeq } = await at.select().then(({ snapshot }) => snapshot);
    await mailbox.store([[2, 2]], { kind: 'replace', flags: ['x'] }, {});
    expect((await fetched(mailbox, { detail: 'flags', changedSince: modSeq })).map(({ uid }) => uid)).toEqual([2]);
  });

  test('that are large are opened at the octets that are asked for', async () => {
    await using at = await TestSession.open();
    const large = `${LETTER}${'0123456789'.repeat(50_000)}`;
    await at.arrive([large]);
    const { mailbox } = await at.select();
    const [data] = await fetched(mailbox, { detail: 'flags', content: 'whole' });
    expect(data?.content).toBeUndefined();
    const content = await mailbox.content(asId.uid(1), 'whole', untilAborted());
    expect(content).toMatchObject({ sizeBytes: large.length });
    expect(await bytesOf(content?.open(0, large.length))).toBe(large);
    expect(await bytesOf(content?.open(LETTER.length, LETTER.length + 12))).toBe('012345678901');
    expect(await bytesOf(content?.open(large.length, large.length))).toBe('');
    expect((await content?.structure())?.subtype).toBe('plain');
    expect(await mailbox.content(asId.uid(9), 'whole', untilAborted())).toBeUndefined();
  });

  test('whose body is not here say so, and are had once somebody brings it', async () => {
    let brings = false;
    await using at = await TestSession.open({ fetchBody: async () => brings });
    await at.arrive([LETTER], { unmirrored: 'all' });
    const { mailbox } = await at.select();
    const [data] = await fetched(mailbox, { detail: 'view', content: 'parts' });
    expect(data?.view?.envelope()).toMatchObject({ subject: 'one' });
    expect(data?.content).toBeUndefined();
    await expect(mailbox.content(asId.uid(1), 'whole', untilAborted())).rejects.toMatchObject({
      code: 'body-unavailable',
      kind: 'transient',
    });
    brings = true;
    await expect(mailbox.content(asId.uid(1), 'whole', untilAborted())).rejects.toMatchObject({ code: 'body-unavailable' });
  });

  test('whose header alone is here answer for it, and nobody is asked for the rest', async () => {
    let asked = 0;
    await using at = await TestSession.open({
      fetchBody: async () => {
        asked += 1;
        return false;
      },
    });
    await at.arrive([LETTER, LETTER], { unmirrored: 'body' });
    const header = LETTER.slice(0, LETTER.indexOf('\r\n\r\n') + 4);
    const { mailbox } = await at.select();
    // A text that is not here is no empty one: RFC 8970 has NIL for it.
    const [first] = await fetched(mailbox, { detail: 'view' });
    expect(first?.view?.structure).toBeDefined();
    expect(first?.view?.preview).toBeUndefined();
    const pages = await fetched(mailbox, { detail: 'row', content: 'header' });
    expect(pages.map(({ row, content }) => [row?.sizeBytes, content?.bytes?.toString()])).toEqual([
      [LETTER.length, header],
      [LETTER.length, header],
    ]);
    const content = await mailbox.content(asId.uid(2), 'header', untilAborted());
    expect(await content?.structure()).toMatchObject({ headerStart: 0, bodyStart: header.length });
    expect(asked).toBe(0);
    for (const wanted of ['whole', 'parts'] as const) {
      const [data] = await fetched(mailbox, { detail: 'flags', content: wanted });
      expect(data?.content).toBeUndefined();
      await expect(mailbox.content(asId.uid(2), wanted, untilAborted())).rejects.toMatchObject({ code: 'body-unavailable' });
    }
    expect(asked).toBe(2);
  });

  test('get flags, and those that changed meanwhile are told back', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER, LETTER, LETTER], { flags: ['old'] });
    const { mailbox, snapshot } = await at.select();
    await mailbox.store([[2, 2]], { kind: 'change', change: { add: ['$seen'], remove: [] } }, {});
    const result = await mailbox.store([[1, 9]], { kind: 'replace', flags: ['$flagged', 'new'] }, { unchangedSince: snapshot.modSeq });
    expect(result.modified).toEqual([2]);
    expect(result.changed.map(({ uid, flags }) => [uid, flags])).toEqual([
      [1, ['$flagged', 'new']],
      [3, ['$flagged', 'new']],
    ]);
    expect((await mailbox.store([[1, 1]], { kind: 'replace', flags: ['new', '$flagged'] }, {})).changed).toEqual([]);
    expect(at.told()).toEqual(['flags', 'flags', 'flags']);
  });

  test('get no keyword when one of them would have too many', async () => {
    await using at = await TestSession.open();
    const keywords = Array.from({ length: 100 }, (_, number) => `k${number}`);
    await at.arrive(Array.from({ length: 1203 }, () => LETTER));
    await at.arrive([LETTER], { flags: keywords });
    const { mailbox } = await at.select();
    const add = async (...flags: string[]) => await mailbox.store(ALL, { kind: 'change', change: { add: flags, remove: [] } }, {});
    await expect(add('one-more')).rejects.toMatchObject({ code: 'too-many-flags' });
    expect((await fetched(mailbox, { detail: 'flags' })).filter(({ flags }) => flags.includes('one-more'))).toEqual([]);
    expect((await add('$seen')).changed).toHaveLength(1204);
    expect((await add('k1')).changed).toHaveLength(1203);
  });

  test('are copied, moved and expunged, and upstream is told', async () => {
    await using at = await TestSession.open();
    await at.arrive([LETTER, LETTER, LETTER, LETTER]);
    await at.arrive([LETTER], { name: 'Other' });
    const { mailbox } = await at.select();
    expect(
      await mailbox.copy(
        [
          [1, 1],
          [3, 3],
        ],
        'Other',
      ),
    ).toMatchObject({ from: [1, 3], to: [2, 3] });
    expect(await mailbox.copy([[1, 2]], 'INBOX')).toMatchObject({ from: [1, 2], to: [5, 6] });
    // RFC 8474 5.1: what COPYUID pairs has one EMAILID, copies of copies, too.
    expect(await mailbox.copy([[5, 5]], 'INBOX')).toMatchObject({ to: [7] });
    const emailIds = (await fetched(mailbox, { detail: 'row' })).map(({ row }) => row?.emailId);
    expect([emailIds[0], emailIds[4], emailIds[6]]).toEqual(['m1', 'm1', 'm1']);
    expect(new Set(emailIds.slice(0, 4)).size).toBe(4);
    const same = await mailbox.search({ kind: 'email-id', id: 'm1' }, untilAborted());
    expect(same.uids).toEqual([1, 5, 7]);
    await mailbox.store([[7, 7]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
    await mailbox.expunge([[7, 7]]);
    expect(
      await mailbox.move(
        [
          [2, 2],
          [9, 12],
        ],
        'Other',
      ),
    ).toMatchObject({ from: [2], to: [4] });
    await expect(mailbox.copy([[1, 1]], 'nothing')).rejects.toMatchObject({ code: 'mailbox-missing' });
    await mailbox.store([[3, 6]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
    await mailbox.expunge([
      [3, 3],
      [6, 9],
    ]);
    expect([...(await at.select()).snapshot.uids]).toEqual([1, 4, 5]);
    await mailbox.expunge(undefined);
    expect([...(await at.select()).snapshot.uids]).toEqual([1]);
    expect(at.told().sort()).toEqual(['append', 'append', 'expunge', 'expunge', 'move']);
  });

  test('more than one transaction holds are done all the same', async () => {
    await using at = await TestSession.open();
    await at.arrive(Array.from({ length: 1203 }, () => LETTER));
    await at.session.create('Other', undefined);
    const { mailbox } = await at.select();
    expect((await mailbox.copy([[1, 1203]], 'Other')).to).toHaveLength(1203);
    expect((await mailbox.store([[1, 2000]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {})).changed).toHaveLength(
      1203,
    );
    await mailbox.expunge(undefined);
    expect((await at.select()).snapshot.uids).toHaveLength(0);
    expect((await fetched((await at.select('Other')).mailbox, { detail: 'view' })).map(({ uid }) => uid)).toEqual(
      Array.from({ length: 1203 }, (_, index) => index + 1),
    );
  });
});

describe('an APPEND', () => {
  test('makes all of its messages visible together, or none', async () => {
    await using at = await TestSession.open();
    const begun = await at.session.append('INBOX');
    await begun.add({ flags: ['$draft', 'Work'], receivedAtMs: 1000, sizeBytes: LETTER.length, bytes: oneChunk(LETTER) });
    await begun.add({ flags: [], sizeBytes: 1, bytes: oneChunk('x') });
    expect((await at.select()).snapshot.uids).toHaveLength(0);
    const { mailbox } = await at.select();
    expect(await begun.commit()).toEqual({ uidValidity: mailbox.uidValidity, uids: [1, 2] });
    expect(await fetched(mailbox, { detail: 'row' })).toMatchObject([
      { flags: ['$draft', 'work'], row: { receivedAtMs: 1000, sizeBytes: LETTER.length } },
      { flags: [], row: { sizeBytes: 1 } },
    ]);
    expect(at.told()).toEqual(['append', 'append']);
  });

  test('that is given up leaves nothing', async () => {
    await using at = await TestSession.open();
    const begun = await at.session.append('INBOX');
    await begun.add({ flags: [], sizeBytes: LETTER.length, bytes: oneChunk(LETTER) });
    await begun.abort();
    expect((await at.select()).snapshot.uids).toHaveLength(0);
    await expect(at.session.append('nothing')).rejects.toMatchObject({ code: 'mailbox-missing' });
  });

  test('finds no room on a full disk', async () => {
    await using at = await TestSession.open({ roomFor: () => false });
    await expect(append(at, 'INBOX', LETTER)).rejects.toMatchObject({ code: 'store-full' });
  });

  test('to Sent of what the webmail has put there is that one message, also when two say it', async () => {
    await using at = await TestSession.open();
    await at.session.create('Sent', 'Sent');
    const traced = `Received: from x by relay.test;\r\n Thu, 26 Nov 2026 01:00:00 +0000\r\n${LETTER}`;
    await at.arrive([traced], { name: 'Sent', flags: [] });
    await at.isUpstream('Sent');
    expect(await append(at, 'Sent', LETTER)).toMatchObject({ uids: [1] });
    const { mailbox, snapshot } = await at.select('Sent');
    expect([...snapshot.uids]).toEqual([1]);
    expect(await fetched(mailbox, { detail: 'flags' })).toMatchObject([{ flags: ['$seen'] }]);
    expect(await append(at, 'Sent', LETTER.replace('Hello', 'Other'))).toMatchObject({ uids: [2] });
    expect(await append(at, 'INBOX', LETTER)).toMatchObject({ uids: [1] });
  });

  test('to Sent is a message of its own where that of the webmail is marked as deleted', async () => {
    await using at = await TestSession.open();
    await at.session.create('Sent', 'Sent');
    await at.arrive([LETTER], { name: 'Sent', flags: ['$deleted'] });
    await at.isUpstream('Sent');
    expect(await append(at, 'Sent', LETTER)).toMatchObject({ uids: [2] });
  });

  test('to Sent is a message of its own where that of the webmail is moved away at this moment', async () => {
    await using at = await TestSession.open();
    await at.session.create('Sent', 'Sent');
    await at.arrive([LETTER], { name: 'Sent' });
    await at.isUpstream('Sent');
    const { mailbox } = await at.select('Sent');
    const write = at.mailboxes.write.bind(at.mailboxes);
    at.mailboxes.write = async (account, job) => {
      at.mailboxes.write = write;
      await mailbox.move(ALL, 'INBOX');
      return await write(account, job);
    };
    expect(await append(at, 'Sent', LETTER)).toMatchObject({ uids: [2] });
    expect([...(await at.select('Sent')).snapshot.uids]).toEqual([2]);
  });

  test('to Sent of what a mail program has put there before is a second message', async () => {
    await using at = await TestSession.open();
    await at.session.create('Sent', 'Sent');
    await append(at, 'Sent', LETTER);
    expect(await append(at, 'Sent', LETTER)).toMatchObject({ uids: [2] });
  });
});
