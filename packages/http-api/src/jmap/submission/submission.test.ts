import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { asId, MailError } from '@stopgap/core';
import { CORE, MAIL, SUBMISSION } from '@stopgap/jmap';
import { changeFlags } from '@stopgap/mailbox';
import { dueSendLater, insertAttempt, leaseRecipient, markAttempt, recipientsOf } from '@stopgap/store';
import { ALICE, ALICE_ID, BOB, postOf, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let drafts: string;
let sent: string;
let identity: string;
beforeAll(async () => {
  bench = await startBench();
  drafts = `m${await bench.mailbox('Drafts', { role: 'drafts' })}`;
  sent = `m${await bench.mailbox('Sent', { role: 'sent' })}`;
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  identity = list[0]?.id ?? '';
});
afterAll(() => bench[Symbol.asyncDispose]());

const LETTER = {
  from: [{ email: ALICE }],
  to: [{ email: 'bob@elsewhere.test' }],
  bcc: [{ email: 'carol@elsewhere.test' }],
  subject: 'Hello',
  textBody: [{ partId: 't' }],
  bodyValues: { t: { value: 'Hello\n' } },
};

async function draft(properties: Record<string, unknown> = {}): Promise<string> {
  const answer = await bench.one('Email/set', {
    create: { d: { mailboxIds: { [drafts]: true }, keywords: { $draft: true }, ...LETTER, ...properties } },
  });
  const created: unknown = answer['created'];
  return (created as Readonly<Record<string, { id: string }>>)['d']?.id ?? '';
}

const submit = (emailId: string, more: Record<string, unknown> = {}, args: Record<string, unknown> = {}) =>
  bench.one('EmailSubmission/set', { create: { s: { identityId: identity, emailId, ...more } }, ...args });
const idOf = (answer: Record<string, unknown>) => (answer['created'] as Record<string, { id: string }>)['s']?.id ?? '';
const submissions = () => bench.store.read((reader) => reader.all('SELECT id FROM submission')).length;
const rows = (id: string) => bench.store.read((reader) => recipientsOf(reader, asId.submission(id.slice(1))));

describe('EmailSubmission/set', () => {
  test('a draft written, sent and filed in one request', async () => {
    const [written, submitted, filed] = await bench.call(
      ['Email/set', { accountId: ALICE_ID, create: { d: { mailboxIds: { [drafts]: true }, keywords: { $draft: true }, ...LETTER } } }],
      [
        'EmailSubmission/set',
        {
          accountId: ALICE_ID,
          create: { s: { identityId: identity, emailId: '#d' } },
          onSuccessUpdateEmail: { '#s': { mailboxIds: { [sent]: true }, 'keywords/$draft': null, 'keywords/$seen': true } },
        },
      ],
    );
    expect(submitted).toMatchObject(['EmailSubmission/set', { notCreated: null, created: { s: { undoStatus: 'pending' } } }, 'c1']);
    const email = ((written?.[1]['created'] ?? {}) as Record<string, { id: string }>)['d']?.id ?? '';
    expect(filed).toMatchObject(['Email/set', { updated: { [email]: null } }, 'c1']);
    expect(await bench.one('Email/get', { ids: [email], properties: ['mailboxIds', 'keywords'] })).toMatchObject({
      list: [{ mailboxIds: { [sent]: true }, keywords: { $seen: true } }],
    });
    const id = idOf(submitted?.[1] ?? {});
    expect(rows(id).map(({ address, state, isHeld }) => [address, state, isHeld])).toEqual([
      ['bob@elsewhere.test', 'queued', false],
      ['carol@elsewhere.test', 'queued', false],
    ]);
    expect(await bench.one('EmailSubmission/get', { ids: [id] })).toMatchObject({
      list: [
        {
          id,
          emailId: email,
          identityId: identity,
          undoStatus: 'pending',
          envelope: { mailFrom: { email: ALICE }, rcptTo: [{ email: 'bob@elsewhere.test' }, { email: 'carol@elsewhere.test' }] },
          deliveryStatus: { 'bob@elsewhere.test': { delivered: 'queued' } },
        },
      ],
    });
  });

  test('a creation tells all that its client left out (RFC 8620 5.3), and a patch that leads nowhere is none', async () => {
    const emailId = await draft();
    const made = ((await submit(emailId))['created'] as Record<string, Record<string, unknown>>)['s'] ?? {};
    const id = String(made['id']);
    const [whole] = (await bench.one('EmailSubmission/get', { ids: [id] }))['list'] as Record<string, unknown>[];
    const { identityId: _, emailId: __, ...others } = whole ?? {};
    expect(made).toEqual(others);
    const envelope = { mailFrom: { email: ALICE, parameters: null }, rcptTo: [{ email: 'x@y.test', parameters: null }] };
    expect((await submit(await draft(), { envelope }))['created']).toMatchObject({
      s: expect.not.objectContaining({ envelope: expect.anything() }),
    });
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { 'envelope/mailFrom': null } } })).toMatchObject({
      notUpdated: { [id]: { type: 'invalidPatch' } },
    });
  });

  test('Bcc leaves in no header', async () => {
    const id = idOf(await submit(await draft()));
    const blob = bench.store.read((reader) =>
      reader.get<{ bytes: Buffer }>('SELECT b.bytes FROM submission s JOIN blob b ON b.id = s.blob_id WHERE s.id = ?', id.slice(1)),
    );
    expect(blob?.bytes.toString()).toContain('Subject: Hello');
    expect(blob?.bytes.toString().toLowerCase()).not.toMatch(/bcc|carol/);
  });

  test('the same key is the same submission, however often it is asked for', async () => {
    const email = await draft();
    const before = submissions();
    const first = idOf(await submit(email, { key: 'k1' }));
    bench.clock.jump(60 * 60_000);
    expect(idOf(await submit(email, { key: 'k1' }))).toBe(first);
    expect(idOf(await submit(email, { key: 'k2' }))).not.toBe(first);
    expect(submissions()).toBe(before + 2);
  });

  test('a second key for what stands already is kept as well: with it nothing is sent twice an hour later', async () => {
    const email = await draft();
    const first = idOf(await submit(email, { key: 'one window' }));
    const before = submissions();
    expect(idOf(await submit(email, { key: 'another window' }))).toBe(first);
    bench.clock.jump(60 * 60_000);
    for (const key of ['another window', 'one window']) expect(idOf(await submit(email, { key }))).toBe(first);
    expect(submissions()).toBe(before);
  });

  test('where it is another message than the client named it is told which: that one is filed, and not the one that was named', async () => {
    const raw = `From: ${ALICE}\nTo: b@x.test\nMessage-ID: <laid.twice@x.test>\n\nx\n`;
    const laid = async () => `e${(await bench.deliver(await bench.mailbox('Drafts'), raw, { flags: ['$draft'] })).id}`;
    const [one, other] = [await laid(), await laid()];
    const envelope = { mailFrom: { email: ALICE }, rcptTo: [{ email: 'b@x.test' }] };
    const first = await submit(one, { envelope });
    expect(first).toMatchObject({ created: { s: expect.not.objectContaining({ emailId: expect.anything() }) } });
    const again = await submit(other, { envelope }, { onSuccessUpdateEmail: { '#s': { 'keywords/$draft': null } } });
    expect(again).toMatchObject({ created: { s: { id: idOf(first), emailId: one } } });
    expect(await bench.one('Email/get', { ids: [one, other], properties: ['keywords'] })).toMatchObject({
      list: [{ keywords: {} }, { keywords: { $draft: true } }],
    });
  });

  test('a key outlives what a client destroyed: asked for again it is there again, and not sent again', async () => {
    const email = await draft();
    const id = idOf(await submit(email, { key: 'destroyed' }));
    await bench.store.write((tx) => tx.run("UPDATE recipient SET state = 'delivered' WHERE submission_id = ?", id.slice(1)));
    expect(await bench.one('EmailSubmission/set', { destroy: [id] })).toMatchObject({ destroyed: [id] });
    const before = submissions();
    bench.clock.jump(60 * 60_000);
    expect(idOf(await submit(email, { key: 'destroyed' }))).toBe(id);
    expect(submissions()).toBe(before);
    expect(await bench.one('EmailSubmission/get', { ids: [id] })).toMatchObject({ list: [{ id, undoStatus: 'final' }] });
  });

  test('a key is kept with its submission in one commit: who asks again an hour after a crash sends nothing twice', async () => {
    const email = await draft();
    const before = submissions();
    bench.afterPut = () => {
      throw new Error('the process is gone');
    };
    expect(await submit(email, { key: 'crash' })).toMatchObject({ created: null, notCreated: { s: { type: 'serverFail' } } });
    expect(submissions()).toBe(before + 1);
    bench.afterPut = () => undefined;
    bench.clock.jump(60 * 60_000);
    expect(idOf(await submit(email, { key: 'crash' }))).not.toBe('');
    expect(submissions()).toBe(before + 1);
  });

  test('what fails for one submission takes back no word of another: who asks again for all would send twice', async () => {
    const emails = [await draft(), await draft(), await draft()];
    const before = submissions();
    let puts = 0;
    bench.afterPut = () => {
      if (++puts === 2) throw new MailError('transient', 'busy', { code: 'busy' });
    };
    const create = Object.fromEntries(emails.map((emailId, index) => [`s${index}`, { identityId: identity, emailId }]));
    const answer = await bench.one('EmailSubmission/set', { create, onSuccessUpdateEmail: { '#s0': { 'keywords/$draft': null } } });
    bench.afterPut = () => undefined;
    expect(answer).toMatchObject({ created: { s0: {}, s2: {} }, notCreated: { s1: { type: 'serverUnavailable' } } });
    expect(submissions()).toBe(before + 3);
    expect(await bench.one('Email/get', { ids: emails, properties: ['keywords'] })).toMatchObject({
      list: [{ keywords: {} }, { keywords: { $draft: true } }, { keywords: { $draft: true } }],
    });
  });

  test('what was made is told so, though nothing of it can be read: the state is the one before, since which all is told', async () => {
    const { state } = await bench.one('EmailSubmission/get', { ids: [] });
    const emailId = await draft();
    bench.afterPut = () => bench.store.write((tx) => tx.run('ALTER TABLE recipient RENAME COLUMN tries TO lost'));
    const answer = await submit(emailId, {}, { onSuccessUpdateEmail: { '#s': { 'keywords/$draft': null } } });
    bench.afterPut = () => undefined;
    await bench.store.write((tx) => tx.run('ALTER TABLE recipient RENAME COLUMN lost TO tries'));
    expect(answer).toMatchObject({ oldState: state, newState: state, created: { s: { id: expect.any(String) } }, notCreated: null });
    expect(await bench.one('EmailSubmission/changes', { sinceState: state })).toMatchObject({ created: [idOf(answer)] });
    expect(await bench.one('Email/get', { ids: [emailId], properties: ['keywords'] })).toMatchObject({ list: [{ keywords: {} }] });
  });

  test('what can not be read of one that is to be changed takes back no word of what was made beside it', async () => {
    const broken = idOf(await submit(await draft()));
    const set = async (parameters: string | null) =>
      await bench.store.write((tx) =>
        tx.run('UPDATE jmap_submission SET parameters = ? WHERE submission_id = ?', parameters, broken.slice(1)),
      );
    await set('{');
    const answer = await submit(await draft(), {}, { update: { [broken]: { undoStatus: 'canceled' } }, destroy: [broken] });
    await set(null);
    expect(answer).toMatchObject({
      created: { s: { undoStatus: 'pending' } },
      notUpdated: { [broken]: { type: 'serverFail' } },
      notDestroyed: { [broken]: { type: 'serverFail' } },
    });
  });

  test('a message that has left is told so, also where it can not be filed', async () => {
    const emailId = await draft();
    await bench.store.write((tx) =>
      tx.run("CREATE TRIGGER broken BEFORE UPDATE ON mail_account BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END"),
    );
    const post = postOf({
      using: [CORE, MAIL, SUBMISSION],
      methodCalls: [
        [
          'EmailSubmission/set',
          {
            accountId: ALICE_ID,
            create: { s: { identityId: identity, emailId } },
            onSuccessUpdateEmail: { '#s': { mailboxIds: { [sent]: true } } },
          },
          'a',
        ],
      ],
    });
    const answer = await bench.ask('/jmap/api', post);
    await bench.store.write((tx) => tx.run('DROP TRIGGER broken'));
    expect(await answer.json()).toMatchObject({
      methodResponses: [
        ['EmailSubmission/set', { created: { s: { undoStatus: 'pending' } } }, 'a'],
        ['error', { type: 'serverFail' }, 'a'],
      ],
    });
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, object]>([
    ['a foreign From', { from: [{ email: BOB }] }, {}, { type: 'forbiddenFrom' }],
    ['no From', { from: null }, {}, { type: 'invalidEmail' }],
    ['two authors, one foreign', { from: [{ email: ALICE }, { email: BOB }] }, {}, { type: 'forbiddenFrom' }],
    [
      'a foreign envelope sender',
      {},
      { envelope: { mailFrom: { email: BOB }, rcptTo: [{ email: 'x@y.test' }] } },
      { type: 'forbiddenMailFrom' },
    ],
    ['nobody to get it', { to: null, bcc: null }, {}, { type: 'noRecipients' }],
    ['no address', { to: [{ email: 'nobody' }] }, {}, { type: 'invalidRecipients', invalidRecipients: ['nobody'] }],
    ['an identity of nobody', {}, { identityId: 'iX' }, { type: 'invalidProperties', properties: ['identityId'] }],
    ['no such message', {}, { emailId: 'e999' }, { type: 'invalidProperties', properties: ['emailId'] }],
    ['what is not ours to say', {}, { undoStatus: 'final' }, { type: 'invalidProperties', properties: ['undoStatus'] }],
    [
      'a wait of a year',
      {},
      { envelope: { mailFrom: { email: ALICE, parameters: { HOLDFOR: '31536000' } }, rcptTo: [{ email: 'x@y.test' }] } },
      { type: 'invalidProperties' },
    ],
    [
      'a parameter that nobody knows',
      {},
      { envelope: { mailFrom: { email: ALICE, parameters: { X: null } }, rcptTo: [{ email: 'x@y.test' }] } },
      { type: 'invalidProperties' },
    ],
  ])('not with %s', async (_, properties, submission, problem) => {
    const before = submissions();
    const answer = await submit(await draft(properties), submission);
    expect(answer).toMatchObject({ created: null, notCreated: { s: problem } });
    expect(submissions()).toBe(before);
  });

  describe('without an envelope', () => {
    const laid = async (fields: string, encoding: 'utf8' | 'latin1' = 'utf8') => {
      const raw = `From: ${ALICE}\r\nSubject: x\r\n${fields.replaceAll('\n', '\r\n')}\r\nx\r\n`;
      return await submit(`e${(await bench.deliver(await bench.mailbox('Drafts'), Buffer.from(raw, encoding))).id}`);
    };
    const addresses = async (fields: string) => rows(idOf(await laid(fields))).map(({ address }) => address);

    test('everybody who is named gets it, however long their names and in however many fields (RFC 8621 7)', async () => {
      const people = Array.from({ length: 100 }, (_, index) => `p${index}@elsewhere.test`);
      const named = (some: readonly string[]) => some.map((one) => `"${'A very long name '.repeat(12)}" <${one}>`).join(',\n ');
      expect(await addresses(`To: ${named(people)}\n`)).toEqual(people);
      const fields = people.slice(0, 90).map((one, index) => `${['To', 'cc', 'BCC'][index % 3]}: ${one}\n`);
      expect((await addresses(fields.join(''))).toSorted()).toEqual(people.slice(0, 90).toSorted());
      expect(await addresses('To: a@x.test, A <A@x.test>, group: b@x.test;\nCc: "c, d"\n <c@x.test>\nBcc: c@x.test\n')).toEqual([
        'A@x.test',
        'b@x.test',
        'c@x.test',
      ]);
    });

    test.each<[string, string, object]>([
      ['a comma that is missing', 'To: a@x.test b@x.test\n', { type: 'invalidRecipients' }],
      ['one that is none among others', 'To: a@x.test, nobody\n', { type: 'invalidRecipients', invalidRecipients: ['nobody'] }],
      ['a bracket that is never closed', 'To: A <a@x.test\nCc: b@x.test\n', { type: 'invalidRecipients' }],
      ['nobody at all', 'To: undisclosed-recipients:;\n', { type: 'noRecipients' }],
    ])('nobody gets it where it is not certain who is to: %s', async (_, fields, problem) => {
      const before = submissions();
      expect(await laid(fields)).toMatchObject({ notCreated: { s: problem } });
      expect(submissions()).toBe(before);
    });

    test('nor where a field that names them has bytes that are no UTF-8: they would be left out of it', async () => {
      const before = submissions();
      expect(await laid('To: J\u00f6rg <joerg@x.test>\nCc: b@x.test\n', 'latin1')).toMatchObject({
        notCreated: { s: { type: 'invalidRecipients', invalidRecipients: ['J\u00f6rg <joerg@x.test>'] } },
      });
      expect(submissions()).toBe(before);
    });
  });

  test('more recipients than the limit, and what another account wrote', async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ email: `u${index}@elsewhere.test` }));
    expect(await submit(await draft({ to: many }))).toMatchObject({ notCreated: { s: { type: 'tooManyRecipients', maxRecipients: 100 } } });
    const theirs = await bench.deliver(await bench.mailbox('INBOX', { account: BOB }), `From: ${ALICE}\nTo: x@y.test\n\nx\n`, {
      account: BOB,
    });
    expect(await submit(`e${theirs.id}`)).toMatchObject({ notCreated: { s: { type: 'invalidProperties', properties: ['emailId'] } } });
  });

  test('not while a mail program has it marked as \\Deleted: it is not there, and once the mark is gone it leaves', async () => {
    const emailId = await draft();
    const before = submissions();
    const mark = (change: { add: string[]; remove: string[] }) =>
      bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, [asId.message(Number(emailId.slice(1)))], change, 'upstream'));
    await mark({ add: ['$deleted'], remove: [] });
    expect(await submit(emailId)).toMatchObject({
      created: null,
      notCreated: { s: { type: 'invalidProperties', properties: ['emailId'] } },
    });
    expect(submissions()).toBe(before);
    await mark({ add: [], remove: ['$deleted'] });
    expect(await submit(emailId)).toMatchObject({ created: { s: {} }, notCreated: null });
    expect(submissions()).toBe(before + 1);
  });

  describe('of one email twice: what is to be done with it after each of them is done, in this order (RFC 8621 7.5)', () => {
    const twice = async (patches: readonly [object, object], more: Record<string, unknown> = {}) => {
      const email = await draft({ keywords: { $draft: true, $flagged: true } });
      const [one, other] = ['x@elsewhere.test', 'y@elsewhere.test'].map((address) => ({
        identityId: identity,
        emailId: email,
        envelope: { mailFrom: { email: ALICE }, rcptTo: [{ email: address }] },
      }));
      const args = {
        accountId: ALICE_ID,
        create: { one, other },
        onSuccessUpdateEmail: { '#one': patches[0], '#other': patches[1] },
        ...more,
      };
      const [, [, filed] = []] = await bench.call(['EmailSubmission/set', args]);
      const { list } = await bench.one('Email/get', { ids: [email], properties: ['mailboxIds', 'keywords'] });
      return { email, filed, found: (list as Record<string, unknown>[])[0] };
    };

    test.for<[string, object, object, object]>([
      [
        'of different properties',
        { mailboxIds: 'sent', 'keywords/$draft': null },
        { 'keywords/$seen': true },
        { $flagged: true, $seen: true },
      ],
      [
        'the same one twice',
        { mailboxIds: 'sent', 'keywords/$draft': null },
        { 'keywords/$draft': true },
        { $draft: true, $flagged: true },
      ],
      [
        'all, then one',
        { mailboxIds: 'sent', keywords: { $seen: true } },
        { 'keywords/$seen': null, 'keywords/a~1b': true },
        { 'a/b': true },
      ],
      ['none, then one', { mailboxIds: 'sent', keywords: null }, { 'keywords/$seen': true }, { $seen: true }],
      ['one, then all', { mailboxIds: 'sent', 'keywords/$seen': true }, { keywords: { $answered: true } }, { $answered: true }],
    ])('%s', async ([, first, next, keywords]) => {
      const patch = 'mailboxIds' in first ? { ...first, mailboxIds: { [sent]: true } } : first;
      const { email, filed, found } = await twice([patch, next]);
      expect(filed).toMatchObject({ updated: { [email]: null }, notUpdated: null });
      expect(found).toMatchObject({ mailboxIds: { [sent]: true }, keywords });
      expect(Object.keys(found?.['keywords'] ?? {})).toHaveLength(Object.keys(keywords).length);
    });

    test('what is wrong with one of them is told, and nothing of it is done', async () => {
      const { email, filed, found } = await twice([{ 'keywords/$draft': null }, { keywords: { $seen: true }, 'keywords/$draft': null }]);
      expect(filed).toMatchObject({ updated: null, notUpdated: { [email]: { type: 'invalidPatch' } } });
      expect(found).toMatchObject({ keywords: { $draft: true, $flagged: true } });
    });

    test('one that goes after it goes once', async () => {
      const { email, filed, found } = await twice([{ 'keywords/$seen': true }, {}], { onSuccessDestroyEmail: ['#one', '#other'] });
      expect(filed).toMatchObject({ destroyed: [email], notDestroyed: null });
      expect(found).toBeUndefined();
    });
  });

  test('is called back while it is here', async () => {
    const id = idOf(await submit(await draft()));
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'final' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'invalidProperties' } },
    });
    const back = await bench.one('EmailSubmission/set', {
      update: { [id]: { undoStatus: 'canceled' } },
      onSuccessUpdateEmail: { [id]: { 'keywords/$draft': true } },
    });
    expect(back).toMatchObject({ updated: { [id]: null } });
    expect(await bench.one('EmailSubmission/get', { ids: [id], properties: ['undoStatus'] })).toMatchObject({
      list: [{ undoStatus: 'canceled' }],
    });
    // Whoever lost the answer asks again, and is told that it is so.
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      updated: { [id]: null },
      notUpdated: null,
    });
    expect(await bench.one('EmailSubmission/query', { filter: { undoStatus: 'canceled' } })).toMatchObject({
      ids: expect.arrayContaining([id]),
    });
    expect(await bench.one('EmailSubmission/query', { filter: { undoStatus: 'pending' } })).not.toMatchObject({
      ids: expect.arrayContaining([id]),
    });
  });

  test('that was called back stays a draft, though who lost the first answer asks for it once more', async () => {
    const email = await draft();
    const filed = { onSuccessUpdateEmail: { '#s': { mailboxIds: { [sent]: true }, 'keywords/$draft': null } } };
    const id = idOf(await submit(email, { key: 'called back' }, filed));
    await bench.one('EmailSubmission/set', {
      update: { [id]: { undoStatus: 'canceled' } },
      onSuccessUpdateEmail: { [id]: { mailboxIds: { [drafts]: true }, 'keywords/$draft': true } },
    });
    expect(await submit(email, { key: 'called back' }, filed)).toMatchObject({ created: { s: { id, undoStatus: 'canceled' } } });
    expect(await bench.one('Email/get', { ids: [email], properties: ['mailboxIds', 'keywords'] })).toMatchObject({
      list: [{ mailboxIds: { [drafts]: true }, keywords: { $draft: true } }],
    });
  });

  test('of which one recipient was refused is canceled when the rest is called back: nobody gets it, and it stays a draft', async () => {
    const email = await draft();
    const filed = { onSuccessUpdateEmail: { '#s': { 'keywords/$draft': null } } };
    const id = idOf(await submit(email, { key: 'refused in part' }));
    const [first] = rows(id);
    const undoStatus = async () =>
      ((await bench.one('EmailSubmission/get', { ids: [id] }))['list'] as Record<string, unknown>[])[0]?.['undoStatus'];
    await bench.store.write((tx) => tx.run("UPDATE recipient SET state = 'rejected' WHERE id = ?", first?.id ?? ''));
    expect(await undoStatus()).toBe('pending');
    await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } });
    expect(rows(id).map(({ state }) => state)).toEqual(['rejected', 'cancelled']);
    expect(await undoStatus()).toBe('canceled');
    await submit(email, { key: 'refused in part' }, filed);
    expect(await bench.one('Email/get', { ids: [email], properties: ['keywords'] })).toMatchObject({
      list: [{ keywords: { $draft: true } }],
    });
    await bench.store.write((tx) => tx.run("UPDATE recipient SET state = 'rejected' WHERE submission_id = ?", id.slice(1)));
    expect(await undoStatus()).toBe('final');
  });

  test('of which one recipient has it is not called back: it would be a draft that was sent', async () => {
    const id = idOf(await submit(await draft()));
    const [first] = rows(id);
    await bench.store.write((tx) => tx.run("UPDATE recipient SET state = 'delivered' WHERE id = ?", first?.id ?? ''));
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'cannotUnsend' } },
    });
    expect(rows(id).map(({ state }) => state)).toEqual(['delivered', 'queued']);
    expect(await bench.one('OutboxEntry/act', { ids: [id], action: 'cancel' })).toMatchObject({ acted: { [id]: { changed: 1 } } });
  });

  test('is not called back once nobody knows whether it left', async () => {
    const id = idOf(await submit(await draft()));
    const [first] = rows(id);
    await bench.store.write((tx) => tx.run(`UPDATE recipient SET state = 'unsure' WHERE id = ?`, first?.id ?? 0));
    const callBack = () => bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } });
    expect(await callBack()).toMatchObject({ notUpdated: { [id]: { type: 'cannotUnsend' } } });
    expect(rows(id).map(({ state }) => state)).toEqual(['unsure', 'queued']);
  });

  test('is not called back in part while it is leaving for one recipient: nothing is changed', async () => {
    const id = idOf(await submit(await draft()));
    const [first] = rows(id);
    await bench.store.write((tx) => {
      const route = asId.path('gmx/outgoing/smtp/x:587');
      const attempt = insertAttempt(tx, { submission: asId.submission(id.slice(1)), route, startedAtMs: 1 });
      if (first) leaseRecipient(tx, first.id, { attempt, route, untilMs: Number.MAX_SAFE_INTEGER });
      markAttempt(tx, attempt, { nowMs: 2 });
    });
    const before = bench.store.read((reader) => reader.all('SELECT * FROM recipient'));
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'cannotUnsend' } },
    });
    expect(bench.store.read((reader) => reader.all('SELECT * FROM recipient'))).toEqual(before);
  });

  test('that somebody has got by the time it is to be called back is not told as canceled', async () => {
    const id = idOf(await submit(await draft()));
    const [first] = rows(id);
    const write = bench.store.write.bind(bench.store);
    vi.spyOn(bench.store, 'write').mockImplementationOnce((change) =>
      write((tx) => {
        tx.run("UPDATE recipient SET state = 'delivered' WHERE id = ?", first?.id ?? '');
        return change(tx);
      }),
    );
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'cannotUnsend' } },
    });
    expect(rows(id).map(({ state }) => state)).toEqual(['delivered', 'queued']);
  });

  test('that is to leave later is held until then', async () => {
    const later = { envelope: { mailFrom: { email: ALICE, parameters: { HOLDFOR: '3600' } }, rcptTo: [{ email: 'x@y.test' }] } };
    const id = idOf(await submit(await draft(), later));
    expect(rows(id)).toMatchObject([{ state: 'queued', isHeld: true }]);
    const due = () => bench.store.read((reader) => dueSendLater(reader, bench.clock.nowMs(), 10));
    expect(due()).toEqual([]);
    bench.clock.jump(3_600_000);
    expect(due()).toEqual([id.slice(1)]);
  });

  test.each([
    ['its message stays', false],
    ['its message went before', true],
  ])('one that a client destroyed is told to the others, and is in the queue still: %s', async (_, isMessageGone) => {
    const { state: before } = await bench.one('EmailSubmission/get', { ids: [] });
    const email = await draft();
    const id = idOf(await submit(email));
    await bench.store.write((tx) => tx.run("UPDATE recipient SET state = 'delivered' WHERE submission_id = ?", id.slice(1)));
    if (isMessageGone) await bench.one('Email/set', { destroy: [email] });
    const { state } = await bench.one('EmailSubmission/get', { ids: [] });
    const { newState } = await bench.one('EmailSubmission/set', { destroy: [id] });
    expect(newState).not.toBe(state);
    const changes = (sinceState: unknown, type = 'EmailSubmission') => bench.one(`${type}/changes`, { sinceState });
    expect(await changes(state)).toMatchObject({ created: [], updated: [], destroyed: [id], newState });
    expect(await changes(before)).toMatchObject({ created: [], updated: [], destroyed: [] });
    expect(await changes(state, 'OutboxEntry')).toMatchObject({ created: [], updated: [id], destroyed: [] });
  });

  test('changes are told from a state that was seen', async () => {
    const { state } = await bench.one('EmailSubmission/get', { ids: [] });
    const id = idOf(await submit(await draft()));
    const first = await bench.one('EmailSubmission/changes', { sinceState: state });
    expect(first).toMatchObject({ created: [id], updated: [], destroyed: [] });
    await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } });
    expect(await bench.one('EmailSubmission/changes', { sinceState: first['newState'] })).toMatchObject({ created: [], updated: [id] });
    expect(await bench.one('EmailSubmission/changes', { sinceState: 'never' })).toMatchObject({ type: 'cannotCalculateChanges' });
  });
});

describe('urn:stopgap:outbox', () => {
  test('tells what waits and what can be done with it, and does it', async () => {
    const email = await draft();
    const id = idOf(await submit(email));
    const get = async () => ((await bench.one('OutboxEntry/get', { ids: [id] })) as unknown as { list: Record<string, unknown>[] }).list[0];
    expect(await get()).toMatchObject({
      id,
      emailId: email,
      subject: 'Hello',
      state: 'waiting',
      actions: ['cancel', 'sendNow', 'hold'],
      recipients: [{ address: 'bob@elsewhere.test', state: 'queued' }, { address: 'carol@elsewhere.test' }],
    });
    const act = (action: string, ids = [id]) => bench.one('OutboxEntry/act', { ids, action });
    expect(await act('hold')).toMatchObject({ acted: { [id]: { changed: 2, underWay: 0 } }, notActed: {} });
    expect(await get()).toMatchObject({ state: 'held', actions: ['cancel', 'release'] });
    expect(await act('resend')).toMatchObject({ acted: {}, notActed: { [id]: { type: 'notPossible' } } });
    expect(await act('release')).toMatchObject({ acted: { [id]: { changed: 2 } } });
    expect(await act('cancel')).toMatchObject({ acted: { [id]: { changed: 2 } } });
    expect(await get()).toMatchObject({ state: 'cancelled', actions: [] });
  });

  test('nothing of another account can be seen or cancelled', async () => {
    const id = idOf(await submit(await draft()));
    await bench.store.write((tx) => {
      tx.run('UPDATE submission SET account_id = ? WHERE id = ?', BOB, id.slice(1));
      tx.run('UPDATE jmap_submission SET account_id = ? WHERE submission_id = ?', BOB, id.slice(1));
    });
    expect(await bench.one('OutboxEntry/get', { ids: [id] })).toMatchObject({ list: [], notFound: [id] });
    expect(await bench.one('EmailSubmission/get', { ids: [id] })).toMatchObject({ list: [], notFound: [id] });
    expect(await bench.one('OutboxEntry/act', { ids: [id], action: 'cancel' })).toMatchObject({ notActed: { [id]: { type: 'notFound' } } });
    expect(await bench.one('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } })).toMatchObject({
      notUpdated: { [id]: { type: 'notFound' } },
    });
    expect(rows(id).every(({ state }) => state === 'queued')).toBe(true);
  });

  test('completes addresses out of the mail', async () => {
    const inbox = await bench.mailbox('INBOX');
    await bench.deliver(inbox, 'From: Berta Beispiel <berta@elsewhere.test>\nTo: alice@provider.test\n\nx\n');
    expect(await bench.one('Contact/complete', { text: 'beisp' })).toMatchObject({
      list: [{ name: 'Berta Beispiel', email: 'berta@elsewhere.test' }],
    });
    expect(await bench.one('Contact/complete', { text: '%' })).toMatchObject({ list: [] });
    expect(await bench.one('Contact/complete', { text: '' })).toMatchObject({ list: [] });
  });
});
