import { expect, test } from 'vitest';
import { rolesOf, type Candidate } from './roles.ts';

const box = (path: string, ...attributes: readonly string[]): Candidate => ({
  path: path.split('/'),
  attributes,
  isSelectable: !attributes.includes('\\noselect'),
});
const rolesIn = (...boxes: readonly Candidate[]) =>
  Object.fromEntries([...rolesOf(boxes)].map(([{ path }, role]) => [path.join('/'), role]));

test.each([
  ['by the word of the provider', [box('INBOX'), box('Zeug', '\\sent'), box('Sent')], { INBOX: 'inbox', Zeug: 'sent' }],
  [
    'by German names',
    [box('Gesendete Objekte'), box('Entwürfe'), box('Papierkorb'), box('Spamverdacht'), box('Archiv')],
    {
      'Gesendete Objekte': 'sent',
      Entwürfe: 'drafts',
      Papierkorb: 'trash',
      Spamverdacht: 'junk',
      Archiv: 'archive',
    },
  ],
  [
    'by other names',
    [box('Éléments envoyés'), box('Borradores'), box('Cestino'), box('Wysłane')],
    {
      'Éléments envoyés': 'sent',
      Borradores: 'drafts',
      Cestino: 'trash',
    },
  ],
  ['below INBOX, in any case of letters', [box('INBOX/SENT'), box('INBOX/trash')], { 'INBOX/SENT': 'sent', 'INBOX/trash': 'trash' }],
  ['not further below', [box('Projekt/Sent'), box('INBOX/a/Trash')], {}],
  ['once, the better name first', [box('Sent Items'), box('Sent')], { Sent: 'sent' }],
  ['once, whatever the provider says', [box('a', '\\trash'), box('b', '\\trash')], { a: 'trash' }],
  ['not two for one mailbox', [box('Junk', '\\trash'), box('Spam')], { Junk: 'trash', Spam: 'junk' }],
  ['not to a mailbox that can not be opened', [box('Sent', '\\noselect')], {}],
  ['not to all mail', [box('All Mail', '\\all')], {}],
  ['not by a decomposed look-alike only', [box('Entwu\u0308rfe')], { 'Entwu\u0308rfe': 'drafts' }],
])('roles are given %s', (_, boxes, roles) => {
  expect(rolesIn(...boxes)).toEqual(roles);
});
