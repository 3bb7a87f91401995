import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackDoor, startLab, type Lab } from '../lab/index.ts';
import { mailText } from './mail-text.ts';

const USER = 'alice';
/** In seconds; messages are ten minutes apart. */
const FIRST_AT = Date.UTC(2026, 0, 1) / 1000;

export interface FullMailboxes {
  readonly mailboxes: number;
  /** In each of them. */
  readonly messages: number;
  readonly sizeBytes: number;
}

export interface FullMailbox {
  readonly name: string;
  readonly messages: number;
  readonly sizeBytes: number;
  /** Undefined: plain text, by `mailText`. */
  readonly textOf?: typeof mailText;
}

export interface FullProvider extends AsyncDisposable {
  readonly lab: Lab;
  readonly address: string;
  readonly password: string;
  /** Of all messages, as they are sent. */
  readonly octets: number;
}

/** A Dovecot whose one user has so much mail, in INBOX and `folder 1` and so on: files as Dovecot itself names them, known to its index already. */
export function startFullProvider({ mailboxes, messages, sizeBytes }: FullMailboxes): Promise<FullProvider> {
  const names = ['INBOX', ...Array.from({ length: mailboxes - 1 }, (_, index) => `folder ${index + 1}`)];
  return startProviderOf(names.map((name) => ({ name, messages, sizeBytes })));
}

/** The same with these mailboxes, for each of the users. The n-th message of a mailbox is the n-th behind those of the mailboxes before it. */
export async function startProviderOf(mailboxes: readonly FullMailbox[], users: readonly string[] = [USER]): Promise<FullProvider> {
  const lab = await startLab({ parts: ['dovecot'], users });
  try {
    let octets = 0;
    for (const user of users) {
      const home = join(lab.dir, 'mail', user);
      let first = 0;
      for (const mailbox of mailboxes) {
        octets += fill(join(home, 'Maildir', mailbox.name === 'INBOX' ? '' : `.${mailbox.name}`), first, mailbox);
        first += mailbox.messages;
      }
      execFileSync('chown', ['-R', 'mail:mail', home], { stdio: 'ignore' });
      await index(lab, user, mailboxes);
    }
    const [user = USER] = users;
    return {
      lab,
      address: lab.address(user),
      password: lab.password(user),
      octets,
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function fill(maildir: string, first: number, { name, messages, sizeBytes, textOf = mailText }: FullMailbox): number {
  let octets = 0;
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { recursive: true });
  if (name !== 'INBOX') writeFileSync(join(maildir, 'maildirfolder'), '');
  for (let number = 0; number < messages; number += 1) {
    const bytes = Buffer.from(textOf(first + number, sizeBytes));
    // Half of them read. Size on disk and as sent, as Dovecot's own deliveries are named.
    const flags = number % 2 === 0 ? 'S' : '';
    const asSent = bytes.length + countLines(bytes);
    octets += asSent;
    writeFileSync(join(maildir, 'cur', `${FIRST_AT + number * 600}.M${number}P1.bench,S=${bytes.length},W=${asSent}:2,${flags}`), bytes);
  }
  return octets;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf('\n'); at !== -1; at = bytes.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** The first look at new files is the server's own work, and nobody's who is measured. */
async function index(lab: Lab, user: string, mailboxes: readonly FullMailbox[]): Promise<void> {
  const door = await openBackDoor({ port: lab.ports.imap, user, password: lab.password(user) });
  for (const { name } of mailboxes) {
    if (name !== 'INBOX') await door.command(`SUBSCRIBE "${name}"`);
    await door.command(`SELECT "${name}"`);
    await door.command('FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)');
  }
  await door.close();
}
