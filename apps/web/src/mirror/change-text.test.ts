import { expect, test } from 'vitest';
import type { UncarriedChange } from '../api/outbox-methods.ts';
import { changeText } from './change-text.ts';
import { MIRROR_WORDS } from './words.ts';

const CHANGE: UncarriedChange = {
  id: 'x1',
  at: '2026-11-26T09:00:00Z',
  kind: 'append',
  emailId: 'e1',
  subject: 'Hello',
  mailboxId: 'm1',
  mailbox: 'Recovered',
  to: null,
  reason: null,
  reasonClass: null,
};
const FOLDER = { emailId: null, subject: null } as const;

test.for<[string, string, Partial<UncarriedChange>]>([
  ['Saving “Hello”', '„Hello“ ablegen', {}],
  ['Moving “Hello” to “Inbox”', '„Hello“ nach „Inbox“ verschieben', { kind: 'move', to: 'INBOX' }],
  ['Deleting “Gone”', '„Gone“ löschen', { kind: 'expunge', emailId: null, subject: 'Gone' }],
  ['Marking a message', 'eine E-Mail kennzeichnen', { kind: 'flags', subject: '' }],
  ['Deleting a message', 'eine E-Mail löschen', { kind: 'expunge', ...FOLDER, mailbox: null }],
  [
    'Renaming the folder “Work” to “Work/New”',
    'Ordner „Work“ in „Work/New“ umbenennen',
    { kind: 'rename-mailbox', ...FOLDER, mailbox: 'Work', to: 'Work/New' },
  ],
  ['Marking “turned txt.exe”', '„turned txt.exe“ kennzeichnen', { kind: 'flags', subject: 'turned\u202Etxt.exe' }],
])('%s', ([english, german, change]) => {
  const labelOf = (name: string): string => (name === 'INBOX' ? 'Inbox' : name);
  expect(changeText({ ...CHANGE, ...change }, MIRROR_WORDS.en, labelOf)).toBe(english);
  expect(changeText({ ...CHANGE, ...change }, MIRROR_WORDS.de, labelOf)).toBe(german);
});
