import { expect, test } from 'vitest';
import { emailOf, emptyDraft, isEmptyDraft, newMessageId } from './draft.ts';

const place = {
  from: { name: 'Me', email: 'me@alice.test' },
  draftsId: 'm3',
  nowMs: Date.UTC(2026, 10, 26, 8),
  textOfHtml: () => 'as text',
};

test('a plain draft is one part of text in Drafts', () => {
  const email = emailOf({ ...emptyDraft('id@alice.test'), text: 'Hello', subject: 'Hi' }, place);
  expect(email).toMatchObject({
    mailboxIds: { m3: true },
    keywords: { $draft: true, $seen: true },
    messageId: ['id@alice.test'],
    subject: 'Hi',
  });
  expect(email.bodyValues).toEqual({ text: { value: 'Hello' } });
  expect([email.htmlBody, email.attachments, email.inReplyTo]).toEqual([undefined, undefined, undefined]);
  expect(Date.parse(email.sentAt)).toBe(place.nowMs);
});

test('a rich draft has both forms; files that are not up yet are left out', () => {
  const file = { key: 'k', name: 'a.txt', type: 'text/plain', sizeBytes: 1, progress: 1, isFailed: false };
  const attachments = [
    { ...file, blobId: 'b1' },
    { ...file, key: 'l', blobId: undefined },
  ];
  const email = emailOf({ ...emptyDraft('id@alice.test'), isRich: true, html: '<b>Hello</b>', attachments }, place);
  expect(email.bodyValues['text']).toEqual({ value: 'as text' });
  expect(email.bodyValues['html']?.value).toContain('<b>Hello</b>');
  expect(email.attachments).toEqual([{ blobId: 'b1', type: 'text/plain', name: 'a.txt', disposition: 'attachment' }]);
});

test('an image in the text goes along as part of it; taken out it stays behind, and in plain text it is a file', () => {
  const image = {
    key: 'k',
    name: 'a.png',
    type: 'image/png',
    sizeBytes: 1,
    progress: 1,
    isFailed: false,
    blobId: 'b1',
    cid: 'c1@alice.test',
  };
  const draft = { ...emptyDraft('id@alice.test'), isRich: true, html: '<img src="cid:c1@alice.test">', attachments: [image] };
  const part = { blobId: 'b1', type: 'image/png', name: 'a.png' };
  expect(emailOf(draft, place).attachments).toEqual([{ ...part, disposition: 'inline', cid: 'c1@alice.test' }]);
  expect(emailOf({ ...draft, html: 'gone' }, place).attachments).toBeUndefined();
  expect(emailOf({ ...draft, isRich: false }, place).attachments).toEqual([{ ...part, disposition: 'attachment' }]);
});

test('a Message-ID tells the domain and nothing of the machine; what nobody touched is empty', () => {
  expect(newMessageId('Me@Alice.TEST', 'random')).toBe('random@alice.test');
  const draft = emptyDraft('a@b');
  expect(isEmptyDraft({ ...draft, messageId: 'c@d' }, draft)).toBe(true);
  expect(isEmptyDraft({ ...draft, text: 'x' }, draft)).toBe(false);
});
