import { expect, test } from 'vitest';
import type { Message } from '../api/methods.ts';
import { en } from '../words/en.ts';
import { firstDraft, forwardDraft, newDraft, quotedText, replyDraft, signatureOf, takenUpDraft, type StartOptions } from './start-draft.ts';

const options: StartOptions = {
  words: en,
  longDate: () => 'a day',
  own: ['me@alice.test'],
  writesRich: false,
  signature: { text: '', html: '' },
  messageId: 'new@alice.test',
  textOfHtml: (html) => html.replaceAll(/<[^>]*>/g, ''),
};

function message(some: Partial<Message> = {}): Message {
  const part = { partId: '1', blobId: 'b1', size: 3, name: null, type: 'text/plain', charset: 'utf-8', disposition: null, cid: null };
  return {
    id: 'e1',
    threadId: 't1',
    blobId: 'b',
    mailboxIds: { m1: true },
    keywords: {},
    hasAttachment: false,
    size: 100,
    preview: '',
    receivedAt: '2026-11-20T10:00:00Z',
    sentAt: null,
    subject: 'Plan',
    messageId: ['one@b.test'],
    inReplyTo: null,
    references: null,
    from: [{ name: 'Bob', email: 'bob@b.test' }],
    to: [
      { name: null, email: 'me@alice.test' },
      { name: null, email: 'eve@c.test' },
    ],
    cc: [{ name: null, email: 'dan@d.test' }],
    bcc: null,
    replyTo: null,
    textBody: [part],
    htmlBody: [part],
    attachments: [],
    bodyValues: { 1: { value: 'Hello\n> before\n\n-- \nBob', isTruncated: false, isEncodingProblem: false } },
    ...some,
  };
}

const emails = (list: readonly { readonly email: string }[]): string[] => list.map(({ email }) => email);

test('an answer goes to the sender, to all it also goes to the others and never to oneself', () => {
  const reply = replyDraft(message(), false, options);
  expect([emails(reply.to), emails(reply.cc)]).toEqual([['bob@b.test'], []]);
  const all = replyDraft(message(), true, options);
  expect([emails(all.to), emails(all.cc)]).toEqual([['bob@b.test', 'eve@c.test'], ['dan@d.test']]);
});

test('Reply-To is where answers are wanted; what one wrote oneself is answered to whom it was for', () => {
  expect(emails(replyDraft(message({ replyTo: [{ name: null, email: 'list@l.test' }] }), false, options).to)).toEqual(['list@l.test']);
  const own = message({ from: [{ name: null, email: 'ME@alice.test' }], to: [{ name: null, email: 'bob@b.test' }] });
  expect(emails(replyDraft(own, false, options).to)).toEqual(['bob@b.test']);
});

test('the thread is kept, the subject has one prefix, the text is quoted without its signature', () => {
  const draft = replyDraft(message({ references: ['zero@b.test'], subject: 'AW: Plan' }), false, options);
  expect(draft).toMatchObject({ inReplyTo: ['one@b.test'], references: ['zero@b.test', 'one@b.test'], subject: 'AW: Plan' });
  expect(draft.text).toBe('\n\nOn a day, Bob wrote:\n> Hello\n>> before');
  expect(replyDraft(message(), false, options).subject).toBe('Re: Plan');
});

test('References do not grow without end, and keep their beginning', () => {
  const references = Array.from({ length: 60 }, (_, index) => `${index}@b.test`);
  const draft = replyDraft(message({ references }), false, options);
  expect(draft.references).toHaveLength(20);
  expect([draft.references.at(0), draft.references.at(-1)]).toEqual(['0@b.test', 'one@b.test']);
});

test('what is forwarded brings its attachments, and says whose it was', () => {
  const attachment = {
    partId: '2',
    blobId: 'b2',
    size: 7,
    name: 'a.pdf',
    type: 'application/pdf',
    charset: null,
    disposition: 'attachment',
    cid: null,
  };
  const draft = forwardDraft(message({ attachments: [attachment] }), options);
  expect(draft).toMatchObject({ subject: 'Fwd: Plan', to: [], inReplyTo: [], about: { id: 'e1', keyword: '$forwarded' } });
  expect(draft.attachments).toMatchObject([{ blobId: 'b2', name: 'a.pdf', sizeBytes: 7, progress: 1 }]);
  expect(draft.text).toContain('From: Bob <bob@b.test>\n');
  expect(draft.text).toContain('\nHello\n> before');
});

test('HTML is quoted as HTML for those who write it', () => {
  const html = { partId: 'h', blobId: 'bh', size: 9, name: null, type: 'text/html', charset: 'utf-8', disposition: null, cid: null };
  const mail = message({ htmlBody: [html], bodyValues: { h: { value: '<b>Hi</b>', isTruncated: false, isEncodingProblem: false } } });
  expect(replyDraft(mail, false, { ...options, writesRich: true })).toMatchObject({ isRich: true });
  expect(replyDraft(mail, false, { ...options, writesRich: true }).html).toContain('<blockquote type="cite"><b>Hi</b></blockquote>');
  const plain = replyDraft({ ...mail, textBody: [html] }, false, options);
  expect([plain.isRich, plain.text]).toEqual([false, '\n\nOn a day, Bob wrote:\n> Hi']);
});

test('a name or subject with line ends can not begin a line of its own', () => {
  const evil = message({ from: [{ name: 'Bob\r\nBcc: x@y.test', email: 'bob@b.test' }], subject: 'a\r\nb' });
  expect(forwardDraft(evil, options).text).not.toMatch(/^Bcc:/m);
  expect(replyDraft(evil, false, options).subject).toBe('Re: a b');
});

test('a draft is taken up under a new Message-ID, for who takes it up elsewhere writes another one, and a signature stands under new ones', () => {
  expect(takenUpDraft(message({ bcc: [{ name: null, email: 'x@y.test' }] }), options)).toMatchObject({
    messageId: 'new@alice.test',
    bcc: [{ email: 'x@y.test' }],
  });
  const signed = { ...options, signature: { text: 'Me', html: '<b>Me</b>' } };
  expect(newDraft(signed).text).toBe('\n\n-- \nMe');
  expect(newDraft({ ...signed, writesRich: true }).html).toBe('<div><br></div><div><br></div><div>-- </div><b>Me</b>');
  expect(replyDraft(message(), false, signed).text).toMatch(/^\n\nMe\n\n/);
});

test('a signature that another program made in one form only has the other, too', () => {
  const of = (identity: Parameters<typeof signatureOf>[0]) => signatureOf(identity, options.textOfHtml);
  expect(of({ textSignature: '<Me>\nCologne' })).toEqual({ text: '<Me>\nCologne', html: '<div>&lt;Me&gt;</div><div>Cologne</div>' });
  expect(of({ htmlSignature: '<p>Me</p> ' })).toEqual({ text: 'Me', html: '<p>Me</p> ' });
  expect(of({ textSignature: '', htmlSignature: '' })).toEqual({ text: '', html: '' });
  expect(of({})).toEqual({ text: '', html: '' });
});

test('quoting twice marks twice', () => {
  expect(quotedText('a\n> b\n\nc')).toBe('> a\n>> b\n>\n> c');
});

test('a draft that is gone, or not here as a whole, is not taken up: an empty window, or half of it, would take its place', () => {
  const start = { kind: 'draft', messageId: 'e1' } as const;
  const part = { partId: 't', blobId: 'bt', size: 9, name: null, type: 'text/plain', charset: 'utf-8', disposition: null, cid: null };
  const saying = (isTruncated: boolean) =>
    message({ textBody: [part], htmlBody: [part], bodyValues: { t: { value: 'half', isTruncated, isEncodingProblem: false } } });
  expect(firstDraft(start, null, options)).toBe('gone');
  expect(firstDraft(start, saying(true), options)).toBe('tooLong');
  expect(firstDraft(start, saying(false), options)).toMatchObject({ text: 'half' });
  expect(firstDraft({ ...start, kind: 'reply' }, saying(true), options)).toMatchObject({ about: { keyword: '$answered' } });
});
