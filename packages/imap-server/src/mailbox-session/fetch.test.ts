import { asId } from '@stopgap/core';
import { replaceContent } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, findMessageByUid } from '@stopgap/store';
import { expect, test } from 'vitest';
import type { FetchWanted } from '../session.ts';
import { ALICE, fetched, TestSession } from './test-session.ts';

const LETTER = 'Subject: one\r\nMessage-ID: <1@a.test>\r\n\r\nHello world\r\n';

test('a page of views holds what rows, views and parts hold when they are asked for alone', async () => {
  await using at = await TestSession.open();
  await at.arrive([LETTER, LETTER.replace('one', 'é')], { flags: ['$seen', 'work'] });
  await at.arrive([LETTER], { unmirrored: 'body' });
  await at.arrive([LETTER], { unmirrored: 'all' });
  const { mailbox } = await at.select();
  const rows = await fetched(mailbox, { detail: 'row' });
  const views = await fetched(mailbox, { detail: 'view' });
  const parts = await fetched(mailbox, { detail: 'flags', content: 'header' });
  expect(views).toMatchObject(rows);
  expect(views.map(({ view }) => view?.envelope().subject)).toEqual(['one', 'é', 'one', 'one']);
  expect(parts.map(({ row, view }) => [row, view])).toEqual(rows.map(() => [undefined, undefined]));
  const known = parts.filter(({ content }) => content !== undefined);
  expect(known.map(({ uid }) => uid)).toEqual([1, 2, 3]);
  expect(await Promise.all(known.map(async ({ content }) => await content?.structure()))).toEqual(
    views.slice(0, 3).map(({ view }) => view?.structure()),
  );
});

test('what nobody looks at may be missing, all else is the same', async () => {
  await using at = await TestSession.open();
  for (const flags of [[], ['$seen', '$draft', '$answered', '$flagged', '$deleted'], ['$seen', 'work', '$forwarded']])
    await at.arrive([LETTER.replace('one', 'é')], { flags });
  await at.arrive([LETTER], { unmirrored: 'all' });
  const { mailbox } = await at.select();
  type Without = NonNullable<FetchWanted['without']>;
  const told = async (wanted: FetchWanted, without: Without): Promise<unknown> =>
    (await fetched(mailbox, wanted, [[2, 9]])).map(({ uid, flags, modSeq, row, view }) => ({
      uid,
      flags,
      envelope: view?.envelope(),
      structure: view?.structure(),
      ...(without.includes('modSeq') ? {} : { modSeq }),
      ...(without.includes('row') ? {} : { row }),
      ...(without.includes('preview') ? {} : { preview: view?.preview }),
    }));
  for (const without of [['modSeq'], ['row'], ['preview'], ['modSeq', 'preview'], ['modSeq', 'row', 'preview']] satisfies Without[]) {
    for (const detail of ['flags', 'row', 'view'] as const) {
      expect(await told({ detail, without }, without), `${detail} ${without.join()}`).toEqual(await told({ detail }, without));
    }
  }
  expect((await fetched(mailbox, { detail: 'flags', without: ['modSeq'] })).map(({ flags }) => flags.length)).toEqual([0, 5, 3, 0]);
  const views = await fetched(mailbox, { detail: 'view', without: ['preview'] });
  expect(views.map(({ row, view }) => [row === undefined, view?.preview])).toEqual([1, 2, 3, 4].map(() => [false, undefined]));
});

test('a message is told of as its octets are, when rebuilt ones come and when the real ones do', async () => {
  await using at = await TestSession.open();
  await at.arrive(['Subject: one\r\n\r\n'], { unmirrored: 'all' });
  const { mailbox } = await at.select();
  expect((await fetched(mailbox, { detail: 'view' })).map(({ view }) => view?.envelope().subject)).toEqual(['one']);
  const rebuilt = Buffer.from('Subject: one\r\n\r\nreally\r\n');
  const raw = Buffer.from('Subject: =?utf-8?q?=C3=A9?=\r\nContent-Type: text/html\r\n\r\n<p>really</p>\r\n');
  for (const [completeness, bytes] of [['rebuilt', rebuilt] as const, ['raw', raw] as const]) {
    const writer = at.temp.store.blobs.stage();
    await writer.write(bytes);
    const content = { blob: await writer.finish(), digest: digestOf(bytes), completeness };
    await at.mailboxes.write(ALICE, (mail) => {
      const inbox = findMailboxByName(mail.tx, ALICE, 'INBOX');
      const message = inbox && findMessageByUid(mail.tx, inbox.id, asId.uid(1));
      if (message) replaceContent(mail, message.id, content);
    });
    const [data] = await fetched(mailbox, { detail: 'view', content: 'parts' });
    expect(data?.view?.envelope()).toEqual(digestOf(bytes).envelope);
    expect(data?.view?.structure()).toEqual(digestOf(bytes).structure);
    expect(await data?.content?.structure()).toEqual(digestOf(bytes).structure);
    expect(data?.content?.bytes).toEqual(bytes);
    expect(data?.row?.sizeBytes).toBe(bytes.length);
  }
});
