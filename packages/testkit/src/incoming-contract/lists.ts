import { expect, test } from 'vitest';
import { CALM, mailboxAt, type Bench } from './bench.ts';
import { ODD_NAMES, smallMessage } from './hard-messages.ts';
import type { IncomingCan } from './world.ts';

export function testLists(bench: () => Bench, can: IncomingCan): void {
  test('a session can what this path is said to can', async () => {
    const session = await bench().open();
    expect({
      find: session.find !== undefined,
      idle: session.idle !== undefined,
      push: session.push !== undefined,
      subscribe: session.push?.subscribe !== undefined,
    }).toEqual({ find: can.find, idle: can.idle, push: can.push, subscribe: can.subscribe });
  });

  test('INBOX is there, once, and is the inbox', async () => {
    const session = await bench().open();
    const inboxes = (await session.list(CALM)).filter((mailbox) => mailbox.path.join('/').toUpperCase() === 'INBOX');
    expect(inboxes).toMatchObject([{ path: ['INBOX'], role: 'inbox', isSelectable: true }]);
  });

  if (!can.mailboxes) return;

  test('the list names every mailbox of the store, each once', async () => {
    const session = await bench().open();
    await bench().world.store.createMailbox(['not subscribed']);
    const listed = (await session.list(CALM)).filter((mailbox) => mailbox.isSelectable).map((mailbox) => mailbox.path.join('/'));
    expect(listed.toSorted()).toEqual((await bench().world.store.mailboxes()).toSorted());
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('each role is there once', async () => {
    const session = await bench().open();
    const roles = (await session.list(CALM)).flatMap((mailbox) => mailbox.role ?? []);
    expect(roles.toSorted()).toEqual(can.roles.toSorted());
  });

  test('a mailbox below another one, in letters of its own, has both names', async () => {
    const session = await bench().open();
    const path = ['Projekte', 'Köln', 'Über & über'];
    await bench().world.store.createMailbox(path);
    await bench().world.store.append(path, { bytes: smallMessage('nested') });
    const mailbox = await mailboxAt(session, path);
    const listing = await session.changes(mailbox.id, { known: new Set() }, CALM);
    expect(listing).toMatchObject({ kind: 'full', messages: [{}] });
  });

  test.for(ODD_NAMES.filter((name) => can.unnameable?.[name] === undefined))('a mailbox called %s is read', async (name) => {
    const session = await bench().open();
    await bench().world.store.createMailbox([name]);
    await bench().world.store.append([name], { bytes: smallMessage('odd') });
    const mailbox = await mailboxAt(session, [name]);
    expect(mailbox).toMatchObject({ path: [name], isSelectable: true });
    expect(await session.changes(mailbox.id, { known: new Set() }, CALM)).toMatchObject({ kind: 'full', messages: [{}] });
  });

  test('a mailbox keeps its id while others come and go', async () => {
    const session = await bench().open();
    const path = await bench().emptyMailbox();
    const before = await mailboxAt(session, path);
    await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('new') });
    expect((await mailboxAt(await bench().open(), path)).id).toBe(before.id);
  });

  test('a mailbox that another program renamed is listed under its new name only', async () => {
    const session = await bench().open();
    const path = await bench().emptyMailbox();
    await session.list(CALM);
    await bench().world.store.renameMailbox(path, [`${path[0]} renamed`]);
    const paths = (await session.list(CALM)).map((mailbox) => mailbox.path.join('/'));
    expect(paths).toContain(`${path[0]} renamed`);
    expect(paths).not.toContain(path[0]);
  });

  if (can.state !== false) return testState(bench, can);

  test('there is no state that stands still', async () => {
    const session = await bench().open();
    expect((await session.list(CALM)).flatMap((mailbox) => mailbox.state ?? [])).toEqual([]);
  });
}

function testState(bench: () => Bench, can: IncomingCan): void {
  test('the state of a mailbox stands still while nothing happens in it', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const session = await bench().open();
    const { state } = await mailboxAt(session, path);
    expect(state).toBeDefined();
    if (can.state === true) await bench().emptyMailbox();
    expect((await mailboxAt(session, path)).state).toBe(state);
    expect((await mailboxAt(await bench().open(), path)).state).toBe(state);
  });

  const changes: readonly (readonly [string, (at: Bench, path: readonly string[]) => Promise<void>])[] = [
    ['a new message', (at, path) => at.world.store.append(path, { bytes: smallMessage('new') })],
    ['one that is gone', (at, path) => at.world.store.expunge(path, [0])],
    ...(can.flags
      ? [
          [
            'a flag',
            (at: Bench, path: readonly string[]) => at.world.store.changeFlags(path, [0], { add: ['$flagged'], remove: [] }),
          ] as const,
        ]
      : []),
  ];

  test.for(changes)('the state of a mailbox moves with %s', async ([, change]) => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const session = await bench().open();
    const { state } = await mailboxAt(session, path);
    await change(bench(), path);
    expect((await mailboxAt(session, path)).state).not.toBe(state);
  });
}
