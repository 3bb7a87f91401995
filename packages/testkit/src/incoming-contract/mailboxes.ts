import { expect, test } from 'vitest';
import { CALM, failureOf, mailboxAt, type Bench } from './bench.ts';
import { ODD_NAMES, smallMessage } from './hard-messages.ts';
import { pushOf } from './pushes.ts';
import type { IncomingCan } from './world.ts';

export function testMailboxes(bench: () => Bench, can: IncomingCan): void {
  test('a mailbox is made together with those above it', async () => {
    const session = await bench().open();
    const path = ['made', 'in Köln', 'deep & low'];
    const made = await pushOf(session).createMailbox(path, CALM);
    expect(made).toMatchObject({ path, isSelectable: true });
    expect((await mailboxAt(session, path)).id).toBe(made.id);
    expect(await bench().world.store.mailboxes()).toContain(path.join('/'));
    await mailboxAt(session, path.slice(0, 2));
  });

  test('one that is there already is returned, with what it holds', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('kept') });
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    expect((await pushOf(session).createMailbox(path, CALM)).id).toBe(id);
    expect(await bench().world.store.messages(path)).toHaveLength(1);
    expect((await pushOf(session).createMailbox(['INBOX'], CALM)).role).toBe('inbox');
  });

  test.for(ODD_NAMES.filter((name) => can.unnameable?.[name] === undefined))('a mailbox called %s is made and renamed', async (name) => {
    const session = await bench().open();
    const made = await pushOf(session).createMailbox(['odd', name], CALM);
    expect(await bench().world.store.mailboxes()).toContain(`odd/${name}`);
    const renamed = await pushOf(session).renameMailbox(made.id, ['odd', `${name} too`], CALM);
    expect(renamed.path).toEqual(['odd', `${name} too`]);
    expect(await bench().world.store.mailboxes()).toContain(`odd/${name} too`);
    expect(await bench().world.store.mailboxes()).not.toContain(`odd/${name}`);
  });

  test('a name that would be a command does nothing', async () => {
    const session = await bench().open();
    const before = await bench().world.store.mailboxes();
    for (const name of ['x\r\na1 CREATE injected', 'x\ny', 'x\0y', '']) await failureOf(() => pushOf(session).createMailbox([name], CALM));
    const after = await bench().world.store.mailboxes();
    expect(after.toSorted()).toEqual(before.toSorted());
    await session.list(CALM);
  });

  test('a renamed mailbox takes along what it holds', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('kept'), flags: ['$flagged'] });
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    const to = ['new home', `${path[0]}`];
    const renamed = await pushOf(session).renameMailbox(id, to, CALM);
    expect(renamed.path).toEqual(to);
    expect((await mailboxAt(session, to)).id).toBe(renamed.id);
    expect(await bench().world.store.messages(to)).toMatchObject([{ bytes: smallMessage('kept'), flags: ['$flagged'] }]);
    expect(await bench().world.store.mailboxes()).not.toContain(path[0]);
  });

  test('a mailbox is not renamed onto another one', async () => {
    const [path, taken] = [await bench().emptyMailbox(), await bench().emptyMailbox()];
    await bench().world.store.append(taken, { bytes: smallMessage('kept') });
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await failureOf(() => pushOf(session).renameMailbox(id, taken, CALM));
    expect(await bench().world.store.messages(taken)).toHaveLength(1);
    expect(await bench().world.store.mailboxes()).toContain(path[0]);
  });

  test('a deleted mailbox is gone', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await pushOf(session).deleteMailbox(id, CALM);
    expect(await bench().world.store.mailboxes()).not.toContain(path[0]);
    expect((await failureOf(() => pushOf(session).deleteMailbox(id, CALM))).code).toBe('mailbox-missing');
    expect((await failureOf(() => pushOf(session).renameMailbox(id, ['elsewhere'], CALM))).code).toBe('mailbox-missing');
  });

  if (!can.subscribe) return;

  test('a mailbox is subscribed, and not any more, and listed in both cases', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id, isSubscribed } = await mailboxAt(session, path);
    expect(isSubscribed).toBe(false);
    await pushOf(session).subscribe?.(id, true, CALM);
    expect((await mailboxAt(session, path)).isSubscribed).toBe(true);
    expect((await mailboxAt(await bench().open(), path)).isSubscribed).toBe(true);
    await pushOf(session).subscribe?.(id, false, CALM);
    expect((await mailboxAt(session, path)).isSubscribed).toBe(false);
  });
}
