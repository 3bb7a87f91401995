import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncomingSession, RemoteMailbox } from '@stopgap/core';
import { CALM, failureOf, fetchAll, mailboxAt, smallMessage } from '@stopgap/testkit/incoming-contract';
import { ODD_TASTE, startGermanLab, startRoundcubeLab, type RoundcubeLab } from './world.ts';

const MESSAGES = 45;

describe('a storage that is down behind a webmail that is up', () => {
  let world: RoundcubeLab;
  let session: IncomingSession;
  let inbox: RemoteMailbox;
  beforeAll(async () => {
    world = await startGermanLab({});
    for (let number = 0; number < MESSAGES; number++) await world.store.append(['INBOX'], { bytes: letter(number) });
    session = await world.open();
    inbox = await mailboxAt(session, ['INBOX']);
    expect(await idsIn(session, inbox)).toHaveLength(MESSAGES);
  });
  afterAll(async () => {
    await session.close();
    await world.lab.stop();
  });

  test('makes every answer void, and none of them empty', async () => {
    const ids = await idsIn(session, inbox);
    const all = (await session.list(CALM)).length;
    await world.lab.stop('dovecot');
    const said: string[] = [];
    for (const call of [
      () => session.list(CALM),
      () => session.changes(inbox.id, { known: new Set() }, CALM),
      () => fetchAll(session, inbox.id, ids),
      () => fetchAll(session, inbox.id, ids.slice(0, 1)),
      async () => session.find?.(inbox.id, '<number-1@far.test>', CALM),
      async () => session.push?.expunge(inbox.id, ids, CALM),
      async () => session.push?.changeFlags(inbox.id, ids, { add: ['word'], remove: [] }, CALM),
    ]) {
      const failure = await failureOf(call);
      expect(failure.code).toBe('void');
      said.push(failure.reason?.text ?? '');
    }
    // In German: what an answer means was not read from its words.
    expect(said.join('\n')).toContain('Serverfehler');
    expect(said.join('\n')).not.toContain('Server Error');
    await world.lab.start('dovecot');
    expect(await session.list(CALM)).toHaveLength(all);
    expect(await idsIn(session, inbox)).toEqual(ids);
    expect(await fetchAll(session, inbox.id, ids)).toHaveLength(MESSAGES);
  });

  test('and a session that ended between listing and reading cost no message', async () => {
    const ids = await idsIn(session, inbox);
    const before = await fetchAll(session, inbox.id, ids);
    world.sql('DELETE FROM session');
    expect(await fetchAll(session, inbox.id, ids)).toEqual(before);
  });
});

test("a person's preferences are what they were, whatever was done", async () => {
  const world = await startRoundcubeLab({ extraConfig: ODD_TASTE });
  try {
    for (let number = 0; number < MESSAGES; number++) await world.store.append(['INBOX'], { bytes: letter(number) });
    const session = await world.open();
    const before = world.sql('SELECT preferences, language FROM users');
    const inbox = await mailboxAt(session, ['INBOX']);
    const ids = await idsIn(session, inbox);
    await fetchAll(session, inbox.id, ids);
    await session.find?.(inbox.id, '<number-1@far.test>', CALM);
    const made = await session.push?.createMailbox(['Kunden', 'Köln'], CALM);
    await session.push?.move(inbox.id, ids.slice(0, 2), made?.id ?? inbox.id, CALM);
    await session.push?.changeFlags(inbox.id, ids.slice(3, 4), { add: ['$deleted'], remove: [] }, CALM);
    expect(await idsIn(session, inbox)).toHaveLength(MESSAGES - 2);
    await session.close();
    expect(world.sql('SELECT preferences, language FROM users')).toEqual(before);
  } finally {
    await world.close();
  }
});

test('a mailbox with others below it is not deleted: Roundcube would take them along', async () => {
  const world = await startRoundcubeLab();
  try {
    const session = await world.open();
    await session.push?.createMailbox(['Kunden', 'Alt'], CALM);
    await world.store.append(['Kunden', 'Alt'], { bytes: letter(1) });
    const { id } = await mailboxAt(session, ['Kunden']);
    await failureOf(async () => session.push?.deleteMailbox(id, CALM));
    expect(await world.store.messages(['Kunden', 'Alt'])).toHaveLength(1);
    await session.close();
  } finally {
    await world.close();
  }
});

test('a message that is not read stays so on its way into the trash', async () => {
  const world = await startRoundcubeLab();
  try {
    for (const number of [1, 2]) await world.store.append(['INBOX'], { bytes: letter(number), flags: number === 1 ? ['$seen'] : [] });
    const session = await world.open();
    const inbox = await mailboxAt(session, ['INBOX']);
    await session.push?.move(inbox.id, await idsIn(session, inbox), (await mailboxAt(session, ['Trash'])).id, CALM);
    expect((await world.store.messages(['Trash'])).map((message) => message.flags.join()).toSorted()).toEqual(['', '$seen']);
    await session.close();
  } finally {
    await world.close();
  }
});

async function idsIn(session: IncomingSession, mailbox: RemoteMailbox) {
  const listing = await session.changes(mailbox.id, { known: new Set() }, CALM);
  return listing.kind === 'full' ? listing.messages.map((message) => message.id) : [];
}

/** Few subjects, so that threads are long. */
function letter(number: number): Buffer {
  return smallMessage(`number-${number % 5}`, `${number} `.repeat(number + 1));
}
