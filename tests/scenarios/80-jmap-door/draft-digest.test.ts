/* What the web client lays into Drafts is known there again by what it says: as a message and back, through the relay, whatever stands in it has the same digest. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MESSAGE_PROPERTIES, type Message } from '../../../apps/web/src/api/methods.ts';
import { digestOf, digestOfMessage } from '../../../apps/web/src/composer/draft-digest.ts';
import { emailOf, emptyDraft, type Draft } from '../../../apps/web/src/composer/draft.ts';
import { until } from '../../lab/index.ts';
import { startMirrorScene, type MirrorScene } from '../../relay/index.ts';
import { basicHeaders } from './fetch-transport.ts';

let scene: MirrorScene;
let base: string;
let accountId: string;
let draftsId: string;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { parts: ['dovecot', 'postfix'], users: ['alice'] } });
  await scene.add('alice');
  base = `http://127.0.0.1:${scene.relay.ports.http}`;
  const session = await until('alice is known', async () => {
    const answer = await fetch(`${base}/.well-known/jmap`, { headers: headers() });
    return answer.ok ? ((await answer.json()) as { readonly primaryAccounts: Readonly<Record<string, string>> }) : undefined;
  });
  accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'] ?? '';
  draftsId = await until('there are drafts', async () => {
    const { list } = await call<{ readonly list: readonly { readonly id: string; readonly role: string }[] }>('Mailbox/get', { ids: null });
    return list.find(({ role }) => role === 'drafts')?.id;
  });
}, 120_000);

afterAll(() => scene?.[Symbol.asyncDispose]());

const FILE = { key: 'f', name: 'plan.txt', type: 'text/plain', sizeBytes: 4, progress: 1, isFailed: false };
const TEXTS: readonly (readonly [string, string])[] = [
  ['blanks at the end of a line', 'One. \nTwo.  \n \nThree.\t\n'],
  ['a signature', 'One.\n\n-- \nAlice'],
  ['blanks at the beginning', '  One.\n\tTwo.\n From here.\n>From there.\nFrom the start.'],
  ['runs of blanks', 'a  b\t\tc   d \t e'],
  ['no end of the last line', 'One.'],
  ['one', 'One.\n'],
  ['many', 'One.\n\n\n\n'],
  ['nothing', ''],
  ['nothing but blanks', ' \n \t\n'],
  ['nothing but ends of lines', '\n\n'],
  ['ends of lines of all kinds', 'One.\r\nTwo.\rThree.\n\rFour.'],
  ['long lines', `${'wort '.repeat(500)}\n${'x'.repeat(3000)}\n${' '.repeat(1200)}y `],
  ['lines with a dot, and what looks like a boundary', '.\n..\n--=_x\n--\n=\n=20\n=3D'],
  ['other letters', 'Gru\u0308ße, Größe, 日本, 😀, \u00a0fest\u00a0, \u2003breit, \u200bnichts, \u2028Zeile\u2029'],
  ['a mark of order at its beginning', '\ufeffOne.\ufeff'],
  ['what can not be seen', 'a\u0007b\u007fc\u0000d\u000be\u000cf\u001bg\u0085h'],
  ['half a character', 'a\ud800b'],
];
const SUBJECTS: readonly (readonly [string, string])[] = [
  ['runs of blanks', 'a  b   c\t\td'],
  ['blanks at its ends', '  a  '],
  ['other letters and runs of blanks', '  Gru\u0308ße  aus   Köln \u00a0 '],
  ['a length of many lines', 'and  more '.repeat(60)],
  ['the same with other letters', 'größer  noch '.repeat(60)],
  ['a long word, and nothing but blanks', `${'x'.repeat(950)}${' '.repeat(100)}y`],
  ['what looks encoded', '=?utf-8?q?a?= =?utf-8?q?b?='],
  ['what can not be seen', 'a\u0007b\u007fc\nd\r\n e'],
  ['half a character', 'a\ud800b'],
];
const NAMES: readonly (readonly [string, string])[] = [
  ['quotes and a comma', 'Vogel, "K."  (zu Hause)'],
  ['runs of blanks', '  Ann   B.  '],
  ['other letters', 'Gru\u0308n,  Jürgen'],
  ['what looks encoded', '=?utf-8?q?a?='],
  ['a backslash', 'a\\b "\\" c'],
  ['an address', 'bob@near.test'],
];
const ADDRESSES: readonly (readonly [string, string])[] = [
  ['large letters', 'Bob@Far.Test'],
  ['a name alone', 'Max Muster'],
  ['two', 'a,<b@far.test>'],
  ['quotes', '"a b"@far.test'],
];

const BLANK = emptyDraft('');

test.for<readonly [string, Partial<Draft>]>([
  ...TEXTS.map(([name, text]) => [`text with ${name}`, { text }] as const),
  ...TEXTS.map(([name, text]) => [`text with ${name}, beside a file`, { text, attachments: [FILE] as never }] as const),
  ...TEXTS.map(([name, html]) => [`HTML with ${name}`, { isRich: true, html: `<div>${html}</div>` }] as const),
  ...SUBJECTS.map(([name, subject]) => [`a subject with ${name}`, { subject }] as const),
  ...NAMES.map(
    ([name, one]) =>
      [
        `a recipient’s name with ${name}`,
        {
          to: [
            { name: one, email: 'k@far.test' },
            { name: null, email: 'l@far.test' },
          ],
        },
      ] as const,
  ),
  ...ADDRESSES.map(
    ([name, email]) =>
      [
        `a recipient of ${name}`,
        { to: [{ name: null, email }], cc: [{ name: '', email: 'l@far.test' }], bcc: [{ name: null, email }] },
      ] as const,
  ),
  ...SUBJECTS.map(
    ([name, file]) => [`a file’s name with ${name}`, { attachments: [{ ...FILE, name: file.slice(0, 200) }] as never }] as const,
  ),
])('%s comes back as it was laid', async ([, some]) => {
  const draft = await withFilesUp({ ...BLANK, ...some, messageId: `${randomUUID()}@alice.test` });
  expect(await digestOfMessage(await laid(draft))).toBe(await digestOf(draft));
});

function headers(): Readonly<Record<string, string>> {
  return basicHeaders(scene.lab.address('alice'), scene.lab.password('alice'));
}

async function call<Answer>(name: string, args: object): Promise<Answer> {
  const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
  const body = JSON.stringify({ using, methodCalls: [[name, { accountId, ...args }, 'c']] });
  const reply = await fetch(`${base}/jmap/api`, { method: 'POST', headers: { ...headers(), 'content-type': 'application/json' }, body });
  const { methodResponses } = (await reply.json()) as { readonly methodResponses: readonly (readonly [string, Answer])[] };
  const [answer] = methodResponses;
  if (answer?.[0] !== name) throw new Error(JSON.stringify(answer));
  return answer[1];
}

async function withFilesUp(draft: Draft): Promise<Draft> {
  const attachments = [];
  for (const one of draft.attachments) {
    const reply = await fetch(`${base}/jmap/upload/${accountId}/`, {
      method: 'POST',
      headers: { ...headers(), 'content-type': one.type },
      body: 'plan',
    });
    const { blobId } = (await reply.json()) as { readonly blobId: string };
    attachments.push({ ...one, blobId });
  }
  return { ...draft, attachments };
}

/** As the client reads it from Drafts. */
async function laid(draft: Draft): Promise<Message> {
  const from = { name: null, email: scene.lab.address('alice') };
  const email = emailOf(draft, { from, draftsId, nowMs: Date.now(), textOfHtml: () => 'plain' });
  const set = await call<{ readonly created: { readonly draft: { readonly id: string } } | null; readonly notCreated: unknown }>(
    'Email/set',
    { create: { draft: email } },
  );
  const id = set.created?.draft.id;
  if (id === undefined) throw new Error(JSON.stringify(set.notCreated));
  const options = { properties: MESSAGE_PROPERTIES, fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes: 0 };
  const { list } = await call<{ readonly list: readonly Message[] }>('Email/get', { ids: [id], ...options });
  const [message] = list;
  if (message === undefined) throw new Error('it is not there');
  return message;
}
