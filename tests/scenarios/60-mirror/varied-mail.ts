import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HARD_MESSAGES, HARD_NAMES, largeMessage, smallMessage } from '@stopgap/testkit/incoming-contract';
import type { BackDoor } from '@stopgap/testkit/incoming-contract';

const CORPUS = resolve(import.meta.dirname, '../../corpus');
/** A year of mail. */
const FIRST_MS = Date.UTC(2025, 10, 1);
const STEP_MS = 7_777_000;

/** Nested, in other scripts, with what mail software stumbles over in names. */
export const FOLDERS: readonly (readonly string[])[] = [
  ['Projekte', 'Köln'],
  ['Projekte', 'Köln', 'Alt'],
  ['日本語 😀'],
  ['Äpfel & Birnen'],
  ['two  blanks'],
  ['Sent'],
  ['Trash'],
];
export const EMPTY_FOLDER: readonly string[] = ['Leer'];

const FLAGS: readonly (readonly string[])[] = [
  [],
  ['$seen'],
  ['$seen', '$answered'],
  ['$flagged'],
  ['$seen', '$flagged', 'wichtig'],
  ['$seen', '$forwarded', '$label1'],
  ['$draft', '$seen'],
  ['$deleted', '$seen'],
  ['projekt-7'],
];

/** Some hundred messages: every hard one in INBOX and in another mailbox, small ones, equal ones, one of a megabyte. */
export async function fillWithVariedMail(door: BackDoor, small: number): Promise<number> {
  const letters: Buffer[] = [
    ...HARD_NAMES.map((name) => HARD_MESSAGES[name]),
    ...readdirSync(CORPUS)
      .filter((name) => name.endsWith('.eml'))
      .map((name) => readFileSync(join(CORPUS, name)))
      // Dovecot takes no empty message.
      .filter((bytes) => bytes.length > 0),
  ];
  for (const folder of [...FOLDERS, EMPTY_FOLDER]) await door.createMailbox(folder).catch(() => undefined);
  let count = 0;
  const append = async (to: readonly string[], bytes: Buffer): Promise<void> => {
    await door.append(to, { bytes, flags: FLAGS[count % FLAGS.length] ?? [], receivedAtMs: FIRST_MS + count * STEP_MS });
    count += 1;
  };
  for (const [index, bytes] of letters.entries()) {
    await append(['INBOX'], bytes);
    await append(FOLDERS[index % FOLDERS.length] ?? ['INBOX'], bytes);
  }
  for (let number = 0; number < small; number += 1) {
    const to = number % 2 === 0 ? ['INBOX'] : (FOLDERS[number % FOLDERS.length] ?? ['INBOX']);
    await append(to, smallMessage(`small-${number}`, `Grüße ${number}\r\n`.repeat((number % 40) + 1)));
  }
  for (let copy = 0; copy < 3; copy += 1) await append(['INBOX'], smallMessage('three-times'));
  await append(['Projekte', 'Köln'], largeMessage(1_000_000));
  return count;
}
