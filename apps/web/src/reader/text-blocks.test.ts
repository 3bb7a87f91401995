import { expect, test } from 'vitest';
import { isForward } from './quoted-heads.ts';
import { blocksOf, linksIn } from './text-blocks.ts';

test('what is quoted and the signature stand for themselves', () => {
  expect(blocksOf('Yes\r\n> a\r\n>> b\r\nNo\r\n-- \r\n> me').map(({ kind, text }) => [kind, text])).toEqual([
    ['own', 'Yes'],
    ['quote', '> a\n>> b'],
    ['own', 'No'],
    ['signature', '-- \n> me'],
  ]);
});

const HEAD = 'From: Kim <kim@x.test>\nSent: Monday, 3 March 2025 09:12\nTo: Alice;\n Ben\nSubject: Offer\n\nThe offer.';
const KOPF = 'Von: Kim\nGesendet: Montag, 3. März 2025 09:12\nAn: Alice\nBetreff: Angebot\n\nDas Angebot.';

test.for<[string, string, [string, string][]]>([
  [
    'Outlook',
    `Yes.\n\n${HEAD}`,
    [
      ['own', 'Yes.\n'],
      ['quote', HEAD],
    ],
  ],
  [
    'Outlook in German',
    `Ja.\n\n${KOPF}\n> tief`,
    [
      ['own', 'Ja.\n'],
      ['quote', `${KOPF}\n> tief`],
    ],
  ],
  [
    'a line over it',
    `Yes.\n________________________________\n${HEAD}`,
    [
      ['own', 'Yes.'],
      ['quote', `________________________________\n${HEAD}`],
    ],
  ],
  [
    'behind a signature',
    `Yes.\n-- \nAlice\n${HEAD}`,
    [
      ['own', 'Yes.'],
      ['signature', '-- \nAlice'],
      ['quote', HEAD],
    ],
  ],
  [
    'marked',
    `Yes.\n-----Original Message-----\n${HEAD}`,
    [
      ['own', 'Yes.'],
      ['quote', `-----Original Message-----\n${HEAD}`],
    ],
  ],
  [
    'marked in German, without a head',
    'Ja.\n-----Ursprüngliche Nachricht-----\nDas Angebot.',
    [
      ['own', 'Ja.'],
      ['quote', '-----Ursprüngliche Nachricht-----\nDas Angebot.'],
    ],
  ],
  [
    'answered below',
    `----- Original Message -----\n${HEAD.replace('The offer.', '> The offer.')}\n\nYes.`,
    [
      ['quote', `----- Original Message -----\n${HEAD.replace('The offer.', '> The offer.')}`],
      ['own', '\nYes.'],
    ],
  ],
  ['no head', 'From: the garden\nwe see the sea.\n\nSubject: none', [['own', 'From: the garden\nwe see the sea.\n\nSubject: none']]],
])('what follows a head is quoted: %s', ([, text, wanted]) => {
  expect(blocksOf(text).map((block) => [block.kind, block.text])).toEqual(wanted);
});

test.for<[string | null, boolean]>([
  ['Fwd: Offer', true],
  ['WG: Angebot', true],
  ['AW: WG: Angebot', false],
  ['Fw it', false],
  [null, false],
])('%j is a forward: %j', ([subject, isOne]) => {
  expect(isForward(subject)).toBe(isOne);
});

test.for<[string, (string | undefined)[]]>([
  ['see https://a.test/x?y=1.', [undefined, 'https://a.test/x?y=1', undefined]],
  ['see https://a.test/wiki/Bank_(seat).', [undefined, 'https://a.test/wiki/Bank_(seat)', undefined]],
  ['(https://a.test/x_(y)_z[1])', [undefined, 'https://a.test/x_(y)_z[1]', undefined]],
  ['(http://a.test)', [undefined, 'http://a.test', undefined]],
  ['javascript:alert(1) data:text/html,x', [undefined]],
  ['http://a.test"onmouseover="x', ['http://a.test', undefined]],
  ['https://', [undefined]],
  ['nothing', [undefined]],
  [
    'Write to kim.berg+x@mail.x.test, or (ben@x.test).',
    [undefined, 'mailto:kim.berg%2Bx@mail.x.test', undefined, 'mailto:ben@x.test', undefined],
  ],
  ['mailto:kim@x.test', [undefined, 'mailto:kim@x.test']],
  ['https://kim@x.test/a@b.test', ['https://kim@x.test/a@b.test']],
  ["'jürgen@köln.test'", [undefined, 'mailto:j%C3%BCrgen@köln.test', undefined]],
  ['a?bcc=spy@x.test', ['mailto:a%3Fbcc%3Dspy@x.test']],
  ['@anna kim@ ben@localhost a@b@c', [undefined]],
])('%j', ([text, hrefs]) => {
  const pieces = linksIn(text);
  expect(pieces.map(({ href }) => href)).toEqual(hrefs);
  expect(pieces.map((piece) => piece.text).join('')).toBe(text);
});
