import { expect, test } from 'vitest';
import { createMailbox, deleteMailbox, moveMessages, renameMailbox, type MailTx } from '@stopgap/mailbox';
import { beginIntent, findMailboxByName, openIntents } from '@stopgap/store';
import type { ViewKind } from '@stopgap/testkit';
import { append } from './test-acts.ts';
import { ALICE, contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';
import { releaseHeld } from './test-mailbox-changes.ts';

/** For those that go through every call, on a busy machine. */
const LIMIT_MS = 180_000;

/** Work was mirrored over IMAP; then somebody changes it here, and the next path has ids that have nothing in common with those of IMAP. */
async function mirrored(): Promise<Bench> {
  const bench = await openBench();
  bench.there.createMailbox('Work');
  bench.there.createMailbox('Work/Old');
  for (let i = 0; i < 4; i += 1) bench.there.deliver(i % 2 === 0 ? 'Work' : 'Work/Old', letter(i));
  await bench.round('imap');
  return bench;
}

function act(
  bench: Bench,
  name: string,
  job: (mail: MailTx, id: NonNullable<ReturnType<typeof findMailboxByName>>['id']) => void,
): Promise<void> {
  const found = bench.store.read((reader) => findMailboxByName(reader, ALICE, name));
  if (!found) throw new Error(`no ${name} here`);
  return bench.mailboxes.write(ALICE, (mail) => job(mail, found.id));
}

async function rounds(bench: Bench, kind: ViewKind): Promise<void> {
  for (let i = 0; i < 3; i += 1) await bench.round(kind);
}

test('deleted here, a mailbox does not come back by a path that sees it for the first time, and goes when one that knows it is back', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await rounds(bench, 'jmap');
  expect(Object.keys(bench.here())).not.toContain('Work/Old');
  expect(bench.there.find('Work/Old')?.messages).toHaveLength(2);
  expect(bench.openIntents()).toBe(1);
  bench.clock.jump(24 * 3_600_000);
  await rounds(bench, 'imap');
  expect(bench.there.find('Work/Old')).toBeUndefined();
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
});

test('a deletion that a person let through takes nothing along that was put into the mailbox here since', async () => {
  await using bench = await mirrored();
  bench.there.deleteMailbox('Work/Old');
  await rounds(bench, 'imap');
  await releaseHeld(bench.store, bench.clock);
  const [moved] = bench.messageIds('Work');
  const old = bench.store.read((reader) => findMailboxByName(reader, ALICE, 'Work/Old'))?.id;
  await act(bench, 'Work', (mail) => {
    if (moved === undefined || old === undefined) throw new Error('nothing to move');
    moveMessages(mail, [moved], old, 'here');
  });
  await rounds(bench, 'imap');
  expect(bench.there.find('Work/Old')?.messages).toHaveLength(1);
  expect(bench.here()['Work/Old']?.map(({ id }) => id)).toContain(moved);
});

test('a mailbox that was deleted there and has others below it stays for these, without its mail once a person let that go', async () => {
  await using bench = await mirrored();
  const mail = bench.here()['Work'];
  bench.there.deleteMailbox('Work');
  await rounds(bench, 'imap');
  expect(bench.here()['Work']).toEqual(mail);
  await releaseHeld(bench.store, bench.clock);
  await rounds(bench, 'imap');
  expect(bench.here()).toMatchObject({ Work: [], 'Work/Old': [{}, {}] });
  expect(bench.there.find('Work')).toBeUndefined();
});

test.each(['together', 'one after the other'])(
  'a mailbox that was deleted there with all that were below it goes here, too: %s',
  async (how) => {
    await using bench = await mirrored();
    const all = ['Work/Old', 'Work'];
    for (const name of how === 'together' ? all : ['Work']) bench.there.deleteMailbox(name);
    await rounds(bench, 'imap');
    await releaseHeld(bench.store, bench.clock);
    await rounds(bench, 'imap');
    if (how !== 'together') bench.there.deleteMailbox('Work/Old');
    await rounds(bench, 'imap');
    await releaseHeld(bench.store, bench.clock);
    await rounds(bench, 'imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  },
);

test('what is put here into a mailbox that stays only for those below it makes it anew there', async () => {
  await using bench = await mirrored();
  bench.there.deleteMailbox('Work');
  await rounds(bench, 'imap');
  await releaseHeld(bench.store, bench.clock);
  await rounds(bench, 'imap');
  expect(bench.here()['Work']).toEqual([]);
  await append(bench, 'Work', letter('new'));
  await rounds(bench, 'imap');
  expect(bench.there.mailbox('Work').messages).toHaveLength(1);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test('the second look at a deleted mailbox has to show what the first one did', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await bench.round('imap');
  bench.there.deliver('Work/Old', letter('new'));
  bench.provider.paths.imap.faults.lie = 'empty';
  await bench.round('imap');
  bench.provider.paths.imap.faults.lie = undefined;
  for (let i = 0; i < 4; i += 1) await bench.round('imap');
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.here()['Work/Old']?.map(({ hash }) => hash)).toContain(hashOf(letter('new')));
});

test('a listing that says for once that a deleted mailbox is empty deletes no mail that came into it', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  bench.there.deliver('Work/Old', letter('new'));
  const { faults } = bench.provider.paths.imap;
  faults.lie = 'empty';
  await bench.round('imap').catch(() => undefined);
  faults.lie = undefined;
  await rounds(bench, 'imap');
  expect(bench.here()['Work/Old']).toHaveLength(3);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
});

test.each(['imap', 'roundcube'] as const)(
  'a deleted mailbox whose messages were numbered anew there is kept with what is new in it: %s',
  async (kind) => {
    await using bench = await openBench();
    bench.there.createMailbox('Work');
    for (let i = 0; i < 4; i += 1) bench.there.deliver('Work', letter(i));
    await rounds(bench, kind);
    await act(bench, 'Work', (mail, id) => {
      const [moved] = bench.messageIds('Work');
      const inbox = findMailboxByName(mail.tx, ALICE, 'INBOX')?.id;
      if (moved !== undefined && inbox !== undefined) moveMessages(mail, [moved], inbox, 'here');
      deleteMailbox(mail, id, 'here');
    });
    // As many as before, so that by their numbers nothing is new.
    bench.there.expunge('Work', bench.there.mailbox('Work').messages.at(-1)?.uid ?? 0);
    bench.there.deliver('Work', letter('new'));
    bench.there.renumber('Work');
    for (let i = 0; i < 3; i += 1) {
      await rounds(bench, kind);
      bench.clock.jump(24 * 3_600_000);
    }
    const all = Object.values(bench.here()).flat();
    expect(all.some(({ hash }) => hash === hashOf(letter('new')))).toBe(true);
    expect(all.some(({ hash }) => hash === hashOf(letter(0)))).toBe(true);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.openIntents()).toBe(0);
  },
);

test('a mailbox that was deleted before anything in it was seen is kept', async () => {
  await using bench = await openBench();
  await bench.round('imap');
  bench.there.createMailbox('Shop');
  bench.there.deliver('Shop', letter('bought'));
  const { faults } = bench.provider.paths.imap;
  faults.onCall = (call) => {
    if (call === 'changes') throw new Error('the process died');
  };
  await bench.round('imap').catch(() => undefined);
  faults.onCall = undefined;
  await act(bench, 'Shop', (mail, id) => deleteMailbox(mail, id, 'here'));
  await rounds(bench, 'imap');
  expect(bench.here()['Shop']).toHaveLength(1);
  expect(bench.openIntents()).toBe(0);
});

test('what is made there below a mailbox that was renamed here is where it will be, and no mailbox is left over', async () => {
  await using bench = await openBench();
  bench.there.createMailbox('Work');
  await bench.round('imap');
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  bench.there.createMailbox('Work/Old');
  bench.there.deliver('Work/Old', letter('old'));
  await rounds(bench, 'imap');
  expect(Object.keys(bench.here()).toSorted()).toEqual(['INBOX', 'Shop', 'Shop/Old']);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.report.report.found.messages).toBe(1);
});

test('a folder whose old name was used again, while a path with other ids was in use, is still the same one', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Work/Old', isSubscribed: true, by: 'here' }));
  await rounds(bench, 'jmap');
  const before = bench.here();
  await rounds(bench, 'imap');
  bench.there.deliver('Shop', letter('bought'));
  await rounds(bench, 'imap');
  expect(bench.here()['Shop']).toHaveLength((before['Shop']?.length ?? 0) + 1);
  expect(bench.here()['Work/Old']).toEqual([]);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test('a mailbox that is gone there before the first look into it goes here, too', async () => {
  await using bench = await openBench();
  await bench.round('imap');
  bench.there.createMailbox('Shop');
  const { faults } = bench.provider.paths.imap;
  faults.onCall = (name) => {
    if (name === 'changes') throw new Error('the connection broke');
  };
  await expect(bench.round('imap')).rejects.toThrow('the connection broke');
  faults.onCall = undefined;
  expect(Object.keys(bench.here())).toContain('Shop');
  bench.there.deleteMailbox('Shop');
  await rounds(bench, 'imap');
  expect(Object.keys(bench.here())).not.toContain('Shop');
});

test.each(['imap', 'roundcube'] as const)(
  '%s: mail that comes between the last look and the deletion is kept, and so is its mailbox, at whichever call it comes',
  { timeout: LIMIT_MS },
  async (kind) => {
    for (let at = 1; at < 20; at += 1) {
      await using bench = await mirrored();
      await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
      await bench.round(kind);
      const late = letter('late');
      const arrived: string[] = [];
      let calls = 0;
      bench.provider.paths[kind].faults.onCall = (_, when) => {
        calls += when === 'before' ? 1 : 0;
        if (when !== 'before' || calls !== at || !bench.there.find('Work/Old')) return;
        bench.there.deliver('Work/Old', late);
        arrived.push(hashOf(late));
      };
      await bench.round(kind);
      bench.provider.paths[kind].faults.onCall = undefined;
      await rounds(bench, 'imap');
      expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
      const kept = bench.there.find('Work/Old')?.messages.map(({ bytes }) => hashOf(bytes)) ?? [];
      expect(kept).toEqual(expect.arrayContaining(arrived));
      expect(kept.length > 0).toBe(arrived.length > 0);
    }
  },
);

test.each(['before', 'after'] as const)(
  'a process that dies %s any call of a deletion leaves a mailbox that is deleted, and no other',
  { timeout: LIMIT_MS },
  async (when) => {
    for (let at = 1; at < 20; at += 1) {
      await using bench = await mirrored();
      await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
      await bench.round('imap');
      let calls = 0;
      bench.provider.paths.imap.faults.onCall = (_, now) => {
        calls += now === when ? 1 : 0;
        if (now === when && calls === at) throw new Error('died');
      };
      await bench.round('imap').catch(() => undefined);
      bench.provider.paths.imap.faults.onCall = undefined;
      await rounds(bench, 'imap');
      expect(bench.there.mailboxes.map(({ path }) => path.join('/'))).toEqual(['INBOX', 'Work']);
      expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    }
  },
);

test('as many as went from a mailbox may come into it in that moment, and are not taken for them', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await bench.round('imap');
  const late = [letter('late'), letter('later')];
  bench.provider.paths.imap.faults.onCall = (name, when) => {
    const there = bench.there.find('Work/Old');
    if (name !== 'renameMailbox' || when !== 'before' || !there) return;
    for (const uid of there.messages.map((message) => message.uid)) bench.there.expunge('Work/Old', uid);
    for (const bytes of late) bench.there.deliver('Work/Old', bytes);
  };
  await bench.round('imap');
  bench.provider.paths.imap.faults.onCall = undefined;
  await rounds(bench, 'imap');
  const kept = bench.here()['Work/Old'] ?? [];
  expect(kept.map(({ hash }) => hash).toSorted()).toEqual(late.map(hashOf).toSorted());
});

test('a mailbox that is here only for the sake of one below it goes with that one', async () => {
  await using bench = await openBench();
  bench.there.createMailbox('Work');
  bench.there.deliver('Work', letter('1'));
  await bench.round('imap');
  await act(bench, 'Work', (mail, id) => deleteMailbox(mail, id, 'here'));
  bench.there.createMailbox('Work/Old');
  await bench.round('imap');
  expect(Object.keys(bench.here())).toContain('Work');
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  for (let i = 0; i < 3; i += 1) await rounds(bench, 'imap');
  expect(bench.there.mailboxes.map(({ path }) => path.join('/'))).toEqual(['INBOX']);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test('a mailbox that is here only for the sake of one below it, and is given another name, is there under that', async () => {
  await using bench = await openBench();
  bench.there.createMailbox('Work');
  bench.there.deliver('Work', letter('1'));
  await bench.round('imap');
  await act(bench, 'Work', (mail, id) => deleteMailbox(mail, id, 'here'));
  bench.there.createMailbox('Work/Old');
  await bench.round('imap');
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  for (let i = 0; i < 3; i += 1) await rounds(bench, 'imap');
  expect(bench.there.mailboxes.map(({ path }) => path.join('/'))).toEqual(['INBOX', 'Shop']);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test('a mailbox that is deleted there while it is read keeps nobody from the others', async () => {
  await using bench = await mirrored();
  bench.there.deliver('Work/Old', letter('new'));
  bench.there.createMailbox('Zoo');
  bench.there.deliver('Zoo', letter('later'));
  bench.provider.paths.imap.faults.onCall = (name, when) => {
    if (name === 'fetch' && when === 'before' && bench.there.find('Work/Old')) bench.there.deleteMailbox('Work/Old');
  };
  await bench.round('imap');
  bench.provider.paths.imap.faults.onCall = undefined;
  expect(bench.here()['Zoo']).toHaveLength(1);
  await rounds(bench, 'imap');
  await releaseHeld(bench.store, bench.clock);
  await rounds(bench, 'imap');
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test.each(['imap', 'roundcube', 'jmap'] as const)('%s: deleted here and made anew, a mailbox is another one', async (kind) => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Work/Old', isSubscribed: true, by: 'here' }));
  const own = letter('own');
  await append(bench, 'Work/Old', own);
  await rounds(bench, kind);
  expect(bench.here()['Work/Old']).toHaveLength(1);
  bench.clock.jump(24 * 3_600_000);
  await rounds(bench, 'imap');
  expect(bench.there.find('Work/Old')?.messages.map(({ bytes }) => hashOf(bytes))).toEqual([hashOf(own)]);
  expect(bench.here()['Work/Old']?.map(({ hash }) => hash)).toEqual([hashOf(own)]);
  expect(bench.openIntents()).toBe(0);
});

test.each(['imap', 'roundcube'] as const)('%s: what takes the name of one that was renamed or deleted here waits for it', async (kind) => {
  await using bench = await mirrored();
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Work', isSubscribed: true, by: 'here' }));
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop/Old', by: 'here' }));
  for (let i = 0; i < 3; i += 1) await rounds(bench, kind);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.here()['Shop/Old']).toEqual([]);
  expect(bench.here()['Shop']).toHaveLength(2);
  expect(Object.keys(bench.here())).not.toContain('Work');
});

test('an empty one is deleted by any path', async () => {
  await using bench = await openBench();
  bench.there.createMailbox('Empty');
  await bench.round('imap');
  await act(bench, 'Empty', (mail, id) => deleteMailbox(mail, id, 'here'));
  await rounds(bench, 'jmap');
  expect(bench.there.find('Empty')).toBeUndefined();
  expect(bench.openIntents()).toBe(0);
});

test('renamed here, a mailbox and those below it are the same ones for a path that sees them for the first time', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Projects', by: 'here' }));
  await rounds(bench, 'jmap');
  expect(Object.keys(bench.here()).toSorted()).toEqual(['INBOX', 'Projects', 'Projects/Old']);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.report.report.found.messages).toBe(4);
});

test.each(['imap', 'roundcube', 'jmap'] as const)(
  'moved out of a mailbox that is deleted then, mail is moved there, too, before the mailbox goes: %s',
  async (kind) => {
    await using bench = await mirrored();
    await rounds(bench, kind);
    const [kept] = bench.messageIds('Work/Old');
    const inbox = bench.store.read((reader) => findMailboxByName(reader, ALICE, 'INBOX'))?.id;
    await act(bench, 'Work/Old', (mail, id) => {
      if (kept === undefined || inbox === undefined) throw new Error('nothing to move');
      moveMessages(mail, [kept], inbox, 'here');
      deleteMailbox(mail, id, 'here');
    });
    // A restored backup: what is known of INBOX is looked at anew in the same round.
    bench.there.deliver('INBOX', letter('news'));
    bench.there.renumber('INBOX');
    await rounds(bench, kind);
    expect(bench.there.find('Work/Old')).toBeUndefined();
    expect(bench.here()['INBOX']).toHaveLength(2);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.report.report.carriedBack).toMatchObject({ move: 1 });
  },
);

test.each(['imap', 'jmap'] as const)(
  'renamed here to a name that somebody else took there, it has its old name again, and both are here: %s',
  async (kind) => {
    await using bench = await mirrored();
    await rounds(bench, kind);
    await act(bench, 'Work/Old', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
    bench.there.createMailbox('Shop');
    bench.there.deliver('Shop', letter('bought'));
    await rounds(bench, kind);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.here()['Shop']).toHaveLength(1);
    expect(bench.here()['Work/Old']).toHaveLength(2);
    expect(bench.report.report.notCarriedBack).toHaveLength(1);
  },
);

test('renamed here and back, the first of it cut off, a mailbox is not taken for one that somebody made under that name', async () => {
  await using bench = await mirrored();
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  await act(bench, 'Shop', (mail, id) => {
    for (const intent of openIntents(mail.tx, ALICE, 10)) beginIntent(mail.tx, intent.id, 'path');
    renameMailbox(mail, id, { name: 'Work', by: 'here' });
  });
  bench.there.createMailbox('Shop');
  bench.there.deliver('Shop', letter('new'));
  await rounds(bench, 'imap');
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.here()['Shop']).toHaveLength(1);
  expect(bench.openIntents()).toBe(0);
});

test('a mailbox that one path saw empty is kept with the mail that came since, by another path with the same kind of ids', async () => {
  await using bench = await mirrored();
  bench.there.createMailbox('Shop');
  await bench.round('roundcube');
  bench.there.deliver('Shop', letter('new'));
  await act(bench, 'Shop', (mail, id) => deleteMailbox(mail, id, 'here'));
  await rounds(bench, 'imap');
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.here()['Shop']).toHaveLength(1);
  expect(bench.openIntents()).toBe(0);
});

test('a subscription outlives its mailbox: made again, on whichever side, it is subscribed on both', async () => {
  await using bench = await mirrored();
  const subscribed = () => [
    bench.mailboxes.list(ALICE).find(({ name }) => name === 'Work/Old')?.isSubscribed,
    bench.there.find('Work/Old')?.isSubscribed,
  ];
  expect(subscribed()).toEqual([true, true]);
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await rounds(bench, 'imap');
  expect(subscribed()).toEqual([undefined, undefined]);
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Work/Old', isSubscribed: false, by: 'here' }));
  await rounds(bench, 'imap');
  expect(subscribed()).toEqual([true, true]);
  await act(bench, 'Work/Old', (mail, id) => deleteMailbox(mail, id, 'here'));
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'New', isSubscribed: true, by: 'here' }));
  await rounds(bench, 'imap');
  expect(bench.mailboxes.list(ALICE).find(({ name }) => name === 'New')?.isSubscribed).toBe(true);
  bench.there.createMailbox('Work/Old').isSubscribed = false;
  await rounds(bench, 'imap');
  expect([subscribed(), bench.openIntents()]).toEqual([[true, true], 0]);
});

test('more mailboxes than are mirrored: those beyond are told, none of them vanishes, and INBOX is in', async () => {
  await using bench = await openBench({ settings: { mostMailboxes: 4 } });
  for (const name of ['D', 'E', 'F']) bench.there.createMailbox(name);
  await bench.round('imap');
  expect(bench.report.report.unreadable).toEqual([]);
  const before = Object.keys(bench.here());
  expect(before).toHaveLength(4);
  // The provider lists them before the others, and INBOX last.
  const { upstream } = bench.provider.paths.imap;
  const open: typeof upstream.open = async (...to) => {
    const session = await upstream.open?.(...to);
    if (!session) throw new Error('there is no session');
    const list = session.list.bind(session);
    return Object.assign(session, { list: async (signal: AbortSignal) => (await list(signal)).toReversed() });
  };
  Object.assign(bench.provider.paths.imap, { upstream: { ...upstream, open } });
  for (const name of ['X', 'Y', 'Z']) {
    bench.there.createMailbox(name);
    bench.there.deliver(name, letter(name));
  }
  bench.there.deliver('D', letter('known'));
  await rounds(bench, 'imap');
  expect(Object.keys(bench.here())).toEqual(before);
  expect(bench.here()['D']).toHaveLength(1);
  expect(bench.report.report.unreadable).toEqual([{ what: 'mailboxes beyond the first 4', why: 'so many of an account are mirrored' }]);
  // Room again: what was beyond comes, and what was really deleted goes.
  bench.there.deleteMailbox('E');
  bench.there.deleteMailbox('F');
  await rounds(bench, 'imap');
  expect(Object.keys(bench.here())).toHaveLength(4);
  expect(Object.keys(bench.here())).not.toContain('E');
});

/** What has the role of Sent there is called otherwise there. */
async function sentIsGesendet(kind: ViewKind): Promise<Bench> {
  const bench = await openBench();
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Sent', role: 'sent', isSubscribed: true, by: 'upstream' }));
  bench.there.createMailbox('Gesendet', 'sent');
  bench.there.deliver('Gesendet', letter('sent'));
  await rounds(bench, kind);
  expect(bench.here()).toMatchObject({ Sent: [{ hash: hashOf(letter('sent')) }] });
  return bench;
}

test.each(['imap', 'roundcube', 'jmap'] as const)(
  '%s: made here under the name that another has there, a mailbox is one of its own on both sides',
  async (kind) => {
    await using bench = await sentIsGesendet(kind);
    await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Gesendet', isSubscribed: true, by: 'here' }));
    await append(bench, 'Gesendet', letter('own'));
    await rounds(bench, kind);
    await rounds(bench, kind);
    const { Sent, ...others } = contentHere(bench.store);
    expect({ ...others, Gesendet: Sent }).toEqual(mailThere(bench.there));
    expect(Object.keys(others)).toEqual(expect.arrayContaining(['Gesendet (2)']));
    expect(bench.here()['Gesendet (2)']).toHaveLength(1);
    expect(bench.openIntents()).toBe(0);
  },
);

test.each(['imap', 'roundcube', 'jmap'] as const)(
  '%s: made there under the name that another has here, a mailbox is one of its own here',
  async (kind) => {
    await using bench = await sentIsGesendet(kind);
    bench.there.createMailbox('Sent');
    bench.there.deliver('Sent', letter('other'));
    await rounds(bench, kind);
    await rounds(bench, kind);
    expect(bench.here()).toMatchObject({ Sent: [{ hash: hashOf(letter('sent')) }], 'Sent (2)': [{ hash: hashOf(letter('other')) }] });
    await append(bench, 'Sent (2)', letter('own'));
    await rounds(bench, kind);
    expect(bench.there.mailbox('Sent').messages).toHaveLength(2);
    expect(bench.there.mailbox('Gesendet').messages).toHaveLength(1);
    expect(bench.here()['Sent (2)']).toHaveLength(2);
    expect(Object.keys(bench.here()).toSorted()).toEqual(['INBOX', 'Sent', 'Sent (2)']);
  },
);

test('renamed here in the very moment in which its name turns out to be taken there, a mailbox has the name that it was given', async () => {
  await using bench = await sentIsGesendet('imap');
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Gesendet', isSubscribed: true, by: 'here' }));
  const { faults } = bench.provider.paths.imap;
  faults.onCall = async (name, when) => {
    if (name !== 'createMailbox' || when !== 'after') return;
    faults.onCall = undefined;
    await act(bench, 'Gesendet', (mail, id) => renameMailbox(mail, id, { name: 'Mine', by: 'here' }));
  };
  await rounds(bench, 'imap');
  expect(faults.onCall).toBe(undefined);
  expect(Object.keys(bench.here()).toSorted()).toEqual(['INBOX', 'Mine', 'Sent']);
  expect(bench.there.find('Mine')?.messages).toEqual([]);
  expect(bench.openIntents()).toBe(0);
});

test('a mailbox that has its old name back has those below it back, too, whatever was called so here meanwhile', async () => {
  await using bench = await openBench();
  bench.there.createMailbox('Work');
  bench.there.deliver('Work', letter('work'));
  await bench.round('imap');
  await act(bench, 'Work', (mail, id) => renameMailbox(mail, id, { name: 'Shop', by: 'here' }));
  bench.there.createMailbox('Shop');
  bench.there.createMailbox('Work/Old');
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Work/Old', isSubscribed: true, by: 'here' }));
  await append(bench, 'Work/Old', letter('own'));
  await rounds(bench, 'imap');
  expect(bench.here()).toMatchObject({ Work: [{ hash: hashOf(letter('work')) }], 'Work (2)': [], 'Work/Old': [{}], Shop: [] });
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
});
