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

const PART = { name: FILE.name, type: FILE.type, size: FILE.sizeBytes } as Message['attachments'][number];

function told(some: Partial<Message> = {}): Message {
  const text = { partId: '1', type: 'text/plain' };
  return {
    to: [{ name: 'Bob', email: 'Bob@Far.test' }],
    cc: null,
    bcc: null,
    subject: 'Gru\u0308\u00dfe',
    textBody: [text],
    htmlBody: [text],
    attachments: [{ ...PART, name: 'other.pdf' }, PART],
    bodyValues: {
      1: { value: 'One.\n\nTwo. \n', isTruncated: false },
      2: { value: pageOf('<div>One.</div>'), isTruncated: false },
    },
    ...some,
  } as unknown as Message;
}

const HTML = [{ partId: '2', type: 'text/html' }] as unknown as Message['htmlBody'];

test('what was laid is known again by what it says', async () => {
  expect(await digestOfMessage(told())).toBe(await digestOf(DRAFT));
  expect(await digestOfMessage(told({ htmlBody: HTML }))).toBe(await digestOf(RICH));
});

test.for<[string, Partial<Draft>, Partial<Message>]>([
  // Of a message of more than 1 MB the relay reckons it (RFC 8621 4.1.4), from base64.
  ...[900_001, 900_002, 900_003].map((sizeBytes): [string, Partial<Draft>, Partial<Message>] => [
    `the size of a file (${sizeBytes})`,
    { attachments: [{ ...FILE, sizeBytes }] },
    { attachments: [{ ...PART, size: 900_003 }] },
  ]),
  [
    'the ends of the lines of a message that is attached',
    { attachments: [{ ...FILE, type: 'message/rfc822', sizeBytes: 30 }] },
    { attachments: [{ ...PART, type: 'message/rfc822', size: 34 }] },
  ],
  ['blanks in a name', { to: [{ name: ' Bob  B. ', email: 'b@far.test' }] }, { to: [{ name: 'Bob B.', email: 'b@far.test' }] }],
  ['ends of lines', { text: 'a\r\nb\rc' }, { bodyValues: { 1: { value: 'a\nb\nc', isTruncated: false, isEncodingProblem: false } } }],
  ['half a character', { subject: 'a\ud800b' }, { subject: 'a\ufffdb' }],
  ['what can not be seen', { subject: 'a\u0007b\u007f' }, { subject: 'a b' }],
  [
    'a recipient that is not typed to its end, or typed in quotes',
    {
      to: [{ name: null, email: 'Max Muster' }],
      cc: [{ name: null, email: 'a,<b@far.test>' }],
      bcc: [{ name: null, email: '"a b"@far.test' }],
    },
    {
      to: [{ name: null, email: 'MaxMuster' }],
      cc: [
        { name: null, email: 'a' },
        { name: null, email: 'b@far.test' },
      ],
      bcc: [{ name: null, email: 'ab@far.test' }],
    },
  ],
])('%s may come back in another way', async ([, some, back]) => {
  const plain = { ...DRAFT, attachments: [] };
  expect(await digestOfMessage(told({ attachments: [], ...back }))).toBe(await digestOf({ ...plain, ...some }));
});

test.for<[string, Partial<Message>]>([
  ['its text', { bodyValues: { 1: { value: 'One.\n\nTwo, too.', isTruncated: false, isEncodingProblem: false } } }],
  ...[
    'One.\n\nTwo.\n',
    'One.\n\nTwo. ',
    'One.\n\nTwo. \n\n',
    'One.\nTwo. \n',
    'One. \n\nTwo. \n',
    'One.\n\n\tTwo. \n',
    'One.\n\nTwo.\u00a0\n',
  ].map((value): [string, Partial<Message>] => [
    `the blanks of its text (${JSON.stringify(value)})`,
    { bodyValues: { 1: { value, isTruncated: false, isEncodingProblem: false } } },
  ]),
  ['its subject', { subject: 'Grüsse' }],
  ['the blanks of its subject', { subject: 'Grü ße' }],
  ['the name of whom it is for', { to: [{ name: 'Bobby', email: 'Bob@Far.test' }] }],
  ['that it has a name', { to: [{ name: null, email: 'Bob@Far.test' }] }],
  ['how an address is written', { to: [{ name: 'Bob', email: 'bob@far.test' }] }],
  [
    'the blanks of a file’s name',
    {
      attachments: [
        { ...PART, name: 'other.pdf' },
        { ...PART, name: 'Pläne .pdf' },
      ],
    },
  ],
  ['whom it is for', { cc: [{ name: null, email: 'carol@far.test' }] }],
  ['a file', { attachments: [{ ...PART, name: 'other.pdf' }] }],
  [
    'how large a file is',
    {
      attachments: [
        { ...PART, name: 'other.pdf' },
        { ...PART, size: 70 },
      ],
    },
  ],
  ['its form', { htmlBody: HTML }],
])('what differs in %s is something else', async ([, some]) => {
  expect(await digestOfMessage(told(some))).not.toBe(await digestOf(DRAFT));
});

test('of what is not here as a whole nothing is known', async () => {
  expect(
    await digestOfMessage(told({ bodyValues: { 1: { value: 'One.', isTruncated: true, isEncodingProblem: false } } })),
  ).toBeUndefined();
});
