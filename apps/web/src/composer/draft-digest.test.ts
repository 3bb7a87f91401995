import { expect, test } from 'vitest';
import type { Message } from '../api/methods.ts';
import { digestOf, digestOfMessage } from './draft-digest.ts';
import { emptyDraft, pageOf, type Draft } from './draft.ts';

const FILE = { key: 'f', name: 'Pläne.pdf', type: 'application/pdf', sizeBytes: 7, blobId: 'b', progress: 1, isFailed: false };
const DRAFT: Draft = {
  ...emptyDraft('d'),
  to: [{ name: 'Bob', email: 'Bob@Far.test' }],
  subject: 'Grüße',
  text: 'One.\n\nTwo. \n',
  attachments: [FILE, { ...FILE, key: 'g', name: 'other.pdf' }, { ...FILE, key: 'h', blobId: undefined }],
};
const RICH: Draft = { ...DRAFT, isRich: true, html: '<div>One.</div>', text: '' };

function told(some: Partial<Message> = {}): Message {
  const text = { partId: '1', type: 'text/plain' };
  return {
    to: [{ name: null, email: 'bob@far.test' }],
    cc: null,
    bcc: null,
    subject: 'Gru\u0308\u00dfe',
    textBody: [text],
    htmlBody: [text],
    attachments: [
      { name: 'other.pdf', size: 7 },
      { name: 'Pläne.pdf', size: 7 },
    ],
    bodyValues: {
      1: { value: 'One.\n\nTwo.\n\n', isTruncated: false },
      2: { value: `${pageOf('<div>One.</div>')}\n`, isTruncated: false },
    },
    ...some,
  } as unknown as Message;
}

const HTML = [{ partId: '2', type: 'text/html' }] as unknown as Message['htmlBody'];

test('what was laid is known again by what it says', async () => {
  expect(await digestOfMessage(told())).toBe(await digestOf(DRAFT));
  expect(await digestOfMessage(told({ htmlBody: HTML }))).toBe(await digestOf(RICH));
});

test.for<[string, Partial<Message>]>([
  ['its text', { bodyValues: { 1: { value: 'One.\n\nTwo, too.', isTruncated: false, isEncodingProblem: false } } }],
  ['its subject', { subject: 'Grüsse' }],
  ['whom it is for', { cc: [{ name: null, email: 'carol@far.test' }] }],
  ['a file', { attachments: [{ name: 'other.pdf', size: 7 }] as unknown as Message['attachments'] }],
  ['its form', { htmlBody: HTML }],
])('what differs in %s is something else', async ([, some]) => {
  expect(await digestOfMessage(told(some))).not.toBe(await digestOf(DRAFT));
});

test('of what is not here as a whole nothing is known', async () => {
  expect(
    await digestOfMessage(told({ bodyValues: { 1: { value: 'One.', isTruncated: true, isEncodingProblem: false } } })),
  ).toBeUndefined();
});
