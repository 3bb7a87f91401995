/*
 * Mail programs at the IMAP door, under which the relay dies: each adds, moves and expunges messages of its own in mailboxes that all of them share, and
 * the ledger says what was answered.
 */
import { createHash } from 'node:crypto';
import { ImapTalk } from '@stopgap/testkit';
import type { DoorLedger, Seen } from './door-ledger.ts';
import { PASSWORD, USER } from './world.ts';

const MAILBOXES = ['INBOX', 'Other'] as const;
/** Every third is above what is kept in a row (packages/store/src/blobs.ts) and becomes a file. */
const SIZES = [500, 3000, 200 * 1024];

export async function createMailboxes(port: number): Promise<void> {
  const talk = await logIn(port);
  await ok(talk, 'CREATE Other');
  await ok(talk, 'LOGOUT');
  talk.socket.destroy();
}

/** Works until the connection breaks. */
export async function runProgram(port: number, name: string, ledger: DoorLedger): Promise<void> {
  let talk: ImapTalk;
  try {
    talk = await logIn(port);
  } catch {
    return;
  }
  const program = new Program(talk, ledger);
  try {
    for (let round = 0; ; round += 1) await program.round(`${name}-${round}`, round);
  } catch (error) {
    if (!talk.isOver) ledger.faults.push(String(error));
  } finally {
    talk.socket.destroy();
  }
}

/** Everything that is there, by a new connection; and what contradicts itself. */
export async function lookAround(port: number, ledger: DoorLedger): Promise<void> {
  const talk = await logIn(port);
  const all: Seen[] = [];
  for (const mailbox of MAILBOXES) {
    const selected = await ok(talk, `SELECT ${mailbox}`);
    const uidValidity = numberIn(selected, /UIDVALIDITY (\d+)/);
    const lines = await ok(talk, 'UID FETCH 1:* (UID BODY.PEEK[])');
    const seen = lines.slice(0, -1).map((line) => seenIn(line, { mailbox, uidValidity }));
    const exists = numberIn(selected, /^\* (\d+) EXISTS/);
    if (exists !== seen.length) ledger.faults.push(`${mailbox} says ${exists} and has ${seen.length}`);
    const next = numberIn(selected, /UIDNEXT (\d+)/);
    const highest = Math.max(ledger.highest(mailbox, uidValidity), ...seen.map(({ uid }) => uid));
    if (next <= highest) ledger.faults.push(`UIDNEXT of ${mailbox} is ${next}, and ${highest} was given out`);
    all.push(...seen);
  }
  await ok(talk, 'LOGOUT');
  talk.socket.destroy();
  ledger.compare(all);
}

class Program {
  readonly #talk: ImapTalk;
  readonly #ledger: DoorLedger;
  /** Of its messages. */
  readonly #uids = new Map<string, number>();

  constructor(talk: ImapTalk, ledger: DoorLedger) {
    this.#talk = talk;
    this.#ledger = ledger;
  }

  /** Two messages by one APPEND and one by another; two of the three are moved, and two expunged. */
  async round(name: string, round: number): Promise<void> {
    const [one, two, three] = [`${name}a`, `${name}b`, `${name}c`];
    await ok(this.#talk, 'SELECT INBOX');
    await this.#append([one, two], round);
    await this.#append([three], round + 1);
    await this.#move([two, three], 'Other');
    await this.#expunge([one]);
    await ok(this.#talk, 'SELECT Other');
    await this.#expunge([three]);
  }

  async #append(names: readonly string[], round: number): Promise<void> {
    const letters = names.map((name, index) => ({ name, bytes: letterOf(name, SIZES[(round + index) % SIZES.length] ?? 0) }));
    this.#ledger.adding(
      letters.map(({ name, bytes }) => ({ name, hash: hashOf(bytes) })),
      'INBOX',
    );
    const literals = letters.map(({ bytes }) => ` {${bytes.length}+}\r\n${bytes}`);
    const answer = await ok(this.#talk, `APPEND INBOX${literals.join('')}`);
    const [, validity = '', set = ''] = /\[APPENDUID (\d+) (\S+)\]/.exec(answer.at(-1) ?? '') ?? [];
    this.#told(names, 'INBOX', { validity, set });
    this.#ledger.done(names, 'INBOX');
  }

  async #move(names: readonly string[], to: string): Promise<void> {
    this.#ledger.moving(names, to);
    const answer = await ok(this.#talk, `UID MOVE ${this.#setOf(names)} ${to}`);
    const [, validity = '', set = ''] = /\[COPYUID (\d+) \S+ (\S+)\]/.exec(answer.join('\n')) ?? [];
    this.#told(names, to, { validity, set });
    this.#ledger.done(names, to);
  }

  async #expunge(names: readonly string[]): Promise<void> {
    const set = this.#setOf(names);
    await ok(this.#talk, `UID STORE ${set} +FLAGS.SILENT (\\Deleted)`);
    this.#ledger.moving(names, undefined);
    await ok(this.#talk, `UID EXPUNGE ${set}`);
    this.#ledger.done(names, undefined);
  }

  #told(names: readonly string[], mailbox: string, { validity, set }: { readonly validity: string; readonly set: string }): void {
    const uids = set.split(',').flatMap((part) => {
      const [first = 0, last = first] = part.split(':').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
    for (const [index, name] of names.entries()) {
      const uid = uids[index] ?? 0;
      this.#uids.set(name, uid);
      this.#ledger.numbered(name, { mailbox, uidValidity: Number(validity), uid });
    }
  }

  #setOf(names: readonly string[]): string {
    return names.map((name) => this.#uids.get(name)).join(',');
  }
}

async function logIn(port: number): Promise<ImapTalk> {
  const talk = await ImapTalk.open(port);
  await ok(talk, `LOGIN ${USER} ${PASSWORD}`);
  return talk;
}

/** Its lines. Rejects when the answer is another or the connection is over. */
async function ok(talk: ImapTalk, command: string): Promise<readonly string[]> {
  const lines = await talk.command(command);
  const last = lines.at(-1) ?? '';
  if (!last.startsWith('OK ')) throw new Error(`${command.slice(0, 60)} was answered with ${last}`);
  return lines;
}

function seenIn(line: string, where: { readonly mailbox: string; readonly uidValidity: number }): Seen {
  const [head = '', uid = '', size = ''] = /^\* \d+ FETCH \(UID (\d+) BODY\[\] \{(\d+)\}\r\n/.exec(line) ?? [];
  const bytes = line.slice(head.length, head.length + Number(size));
  return { ...where, uid: Number(uid), name: /^Subject: (\S+)\r\n/.exec(bytes)?.[1] ?? bytes.slice(0, 60), hash: hashOf(bytes) };
}

/** No octet of it may be lost: a different one at every place. */
function letterOf(name: string, sizeBytes: number): string {
  const head = `Subject: ${name}\r\nMessage-ID: <${name}@crash.test>\r\n\r\n`;
  let body = '';
  for (let line = 0; body.length < sizeBytes; line += 1) body += `${name} ${line}\r\n`;
  return head + body;
}

function hashOf(octets: string): string {
  return createHash('sha256').update(octets, 'latin1').digest('hex');
}

function numberIn(lines: readonly string[], pattern: RegExp): number {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return Number(found);
  }
  throw new Error(`no ${pattern.source} in ${lines.join(' | ')}`);
}
