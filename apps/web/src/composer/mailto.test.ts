import { expect, test } from 'vitest';
import { en } from '../words/en.ts';
import { readMailto } from './mailto.ts';
import { firstDraft } from './start-draft.ts';

const emails = (list: readonly { readonly email: string }[]): string[] => list.map(({ email }) => email);

test('recipients, subject and text of a link are what one writes with', () => {
  const { to, cc, subject, text } = readMailto(
    'mailto:a@x.test,b@x.test?to=c+d@x.test&CC=e@x.test&subject=unsubscribe%201%262+3&body=Line%201%0D%0ALine%202',
  );
  expect([emails(to), emails(cc), subject, text]).toEqual([
    ['a@x.test', 'b@x.test', 'c+d@x.test'],
    ['e@x.test'],
    'unsubscribe 1&2+3',
    'Line 1\nLine 2',
  ]);
});

test.for([
  ['nobody sees a Bcc or a file', 'mailto:a@x.test?bcc=spy@x.test&attach=/etc/passwd&x-header=1', ['a@x.test'], ''],
  [
    'a subject is one line, without tricks',
    'MAILTO:a@x.test?subject=one%0D%0ABcc:%20spy@x.test%E2%80%AE',
    ['a@x.test'],
    'one Bcc: spy@x.test',
  ],
  ['what is no code stays as it is', 'mailto:a@x.test?subject=100%', ['a@x.test'], '100%'],
  ['nobody is named', 'mailto:?subject=Yes', [], 'Yes'],
] as const)('%s', ([, link, people, subject]) => {
  const read = readMailto(link);
  expect([emails(read.to), emails(read.cc), read.subject, read.text]).toEqual([people, [], subject, '']);
});

test.for([true, false])('its text stands above the signature; formatted: %s', (writesRich) => {
  const options = {
    words: en,
    longDate: () => '',
    own: [],
    signature: { text: 'Me', html: '<b>Me</b>' },
    messageId: 'm@x',
    textOfHtml: String,
  };
  const draft = firstDraft({ kind: 'mailto', link: 'mailto:a@x.test?body=%3Cb%3EHello' }, undefined, { ...options, writesRich });
  const [html, text] = ['<div>&lt;b&gt;Hello</div><div><br></div><div>-- </div><b>Me</b>', '<b>Hello\n\n-- \nMe'];
  expect(draft).toMatchObject(writesRich ? { html, text: '' } : { html: '', text });
});
