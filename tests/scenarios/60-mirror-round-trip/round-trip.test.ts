/* IMAP -> webmail -> IMAP -> POP3 -> IMAP on one store, with mail coming in and changes on both sides: nothing twice, nothing lost, no UID changed. */
import { changeFlags, expungeMessages, moveMessages } from '@stopgap/mailbox';
import { HARD_MESSAGES, smallMessage } from '@stopgap/testkit/incoming-contract';
import { findMailboxByName, listMailboxMessages } from '@stopgap/store';
import { expect, test } from 'vitest';
import { startLab, until } from '../../lab/index.ts';
import { ALICE, startWorld, type World } from './world.ts';

const INBOX = ['INBOX'];
const WORK = ['Work', 'Köln'];

function expectUids(before: ReadonlyMap<string, string>, world: World): void {
  const now = world.uids();
  for (const [place, hash] of before) expect([place, now.get(place)]).toEqual([place, hash]);
}

test('path round trips', async () => {
  await using lab = await startLab({ parts: ['dovecot', 'roundcube'], users: ['alice'] });
  await using world = await startWorld(lab, { paths: ['imap', 'roundcube', 'pop3'], mailbox: WORK });
  const { door } = world;
  let number = 0;
  const deliver = async (path: readonly string[], times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1)
      await door.append(path, { bytes: smallMessage(`letter-${(number += 1)}`), flags: i % 2 === 0 ? ['$seen'] : [] });
  };
  await deliver(INBOX, 40);
  await deliver(WORK, 10);
  for (let i = 0; i < 3; i += 1) await door.append(INBOX, { bytes: smallMessage('twin') });
  for (const bytes of Object.values(HARD_MESSAGES)) await door.append(INBOX, { bytes });
  await world.becomesEqual('all of it is here by IMAP');

  for (const [kind, broken] of [
    ['roundcube', ['imap', 'imaps']],
    ['imap', []],
    ['pop3', ['imap', 'imaps', 'roundcube']],
    ['imap', []],
  ] as const) {
    const before = world.uids();
    await lab.edge.set(['imap', 'imaps', 'roundcube'], { mode: 'pass' });
    if (broken.length > 0) await lab.edge.set([...broken], { mode: 'refuse' });
    await deliver(INBOX, 3);
    if (kind !== 'pop3') await deliver(WORK, 2);
    await world.becomesPath(kind);
    await world.becomesEqual(`what came meanwhile is here by ${kind}`);
    expectUids(before, world);
  }
});

test('path round trips between IMAP and JMAP', async () => {
  await using lab = await startLab({ parts: ['cyrus'], users: ['alice'] });
  await using world = await startWorld(lab, { paths: ['jmap', 'imap'], behind: 'cyrus', mailbox: ['Work'] });
  const { door } = world;
  let number = 0;
  const deliver = async (path: readonly string[], times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1)
      await door.append(path, { bytes: smallMessage(`letter-${(number += 1)}`), flags: i % 2 === 0 ? ['$seen'] : [] });
  };
  await deliver(INBOX, 30);
  await deliver(['Work'], 10);
  await world.becomesEqual('all of it is here by JMAP');
  for (const [kind, weather] of [
    ['imap', 'refuse'],
    ['jmap', 'pass'],
    ['imap', 'refuse'],
    ['jmap', 'pass'],
  ] as const) {
    const before = world.uids();
    await lab.edge.set('jmap', { mode: weather });
    await deliver(INBOX, 3);
    await deliver(['Work'], 2);
    await world.becomesPath(kind);
    await world.becomesEqual(`what came meanwhile is here by ${kind}`);
    expectUids(before, world);
  }
});

test('what is done here in an outage is carried back by the webmail', async () => {
  await using lab = await startLab({ parts: ['dovecot', 'roundcube'], users: ['alice'] });
  await using world = await startWorld(lab, { paths: ['imap', 'roundcube'], mailbox: WORK });
  const { door } = world;
  for (let i = 0; i < 6; i += 1) await door.append(INBOX, { bytes: smallMessage(`letter-${i}`) });
  await world.becomesEqual('all of it is here');
  await lab.edge.set(['imap', 'imaps'], { mode: 'refuse' });
  await world.becomesPath('roundcube');
  await world.mailboxes.write(ALICE, (mail) => {
    const inbox = findMailboxByName(mail.tx, ALICE, 'INBOX');
    const work = findMailboxByName(mail.tx, ALICE, 'Work/Köln');
    if (!inbox || !work) throw new Error('a mailbox is not here');
    const [flagged, moved, gone] = listMailboxMessages(mail.tx, inbox.id, { afterUid: 0, limit: 3 });
    if (!flagged || !moved || !gone) throw new Error('a message is not here');
    changeFlags(mail, [flagged.id], { add: ['$flagged', '$seen'], remove: [] }, 'here');
    moveMessages(mail, [moved.id], work.id, 'here');
    expungeMessages(mail, [gone.id], 'here');
  });
  const before = world.uids();
  await until('it is so upstream', async () => {
    const inbox = await door.messages(INBOX);
    const work = await door.messages(WORK);
    return inbox.length === 4 && work.length === 1 && inbox.some((message) => message.flags.includes('$flagged'));
  });
  await world.becomesEqual('both sides are equal');
  await lab.edge.set(['imap', 'imaps'], { mode: 'pass' });
  await world.becomesPath('imap');
  await world.becomesEqual('both sides are equal');
  expectUids(before, world);
});
