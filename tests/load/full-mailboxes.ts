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

export interface FullProvider extends AsyncDisposable {
  readonly lab: Lab;
  readonly address: string;
  readonly password: string;
  /** Of all messages, as they are sent. */
  readonly octets: number;
}

/** A Dovecot whose one user has so much mail, in INBOX and `folder 1` and so on: files as Dovecot itself names them, known to its index already. */
export async function startFullProvider(full: FullMailboxes): Promise<FullProvider> {
  const lab = await startLab({ parts: ['dovecot'], users: [USER] });
  try {
    const home = join(lab.dir, 'mail', USER);
    const names = ['INBOX', ...Array.from({ length: full.mailboxes - 1 }, (_, index) => `folder ${index + 1}`)];
    let octets = 0;
    for (const [index, name] of names.entries()) octets += fill(join(home, 'Maildir', name === 'INBOX' ? '' : `.${name}`), index, full);
    execFileSync('chown', ['-R', 'mail:mail', home], { stdio: 'ignore' });
    await index(lab, names);
    return {
      lab,
      address: lab.address(USER),
      password: lab.password(USER),
      octets,
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function fill(maildir: string, mailbox: number, { messages, sizeBytes }: FullMailboxes): number {
  let octets = 0;
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { recursive: true });
  if (mailbox > 0) writeFileSync(join(maildir, 'maildirfolder'), '');
  for (let number = 0; number < messages; number += 1) {
    const bytes = Buffer.from(mailText(mailbox * messages + number, sizeBytes));
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
async function index(lab: Lab, names: readonly string[]): Promise<void> {
  const door = await openBackDoor({ port: lab.ports.imap, user: USER, password: lab.password(USER) });
  for (const name of names) {
    if (name !== 'INBOX') await door.command(`SUBSCRIBE "${name}"`);
    await door.command(`SELECT "${name}"`);
    await door.command('FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)');
  }
  await door.close();
}
