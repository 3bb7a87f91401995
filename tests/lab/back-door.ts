import { connect, type Socket } from 'node:net';
import { flagToImap, normalFlags, type Flag, type FlagChange } from '@stopgap/core';
import type { BackDoor, NewMessage, StoredMessage } from '@stopgap/testkit/incoming-contract';

export interface BackDoorOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** What stands before every name but INBOX's: `INBOX.` on a Cyrus without altnamespace. */
  readonly prefix?: string;
}

export interface OpenBackDoor extends BackDoor {
  /** For what the suite has no word for: a command without its tag; the untagged lines of the answer. */
  command(text: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Into a provider's store by a raw IMAP connection, with nothing of the product in it: another mail program, for contract tests. The server must
 * know UIDPLUS.
 */
export async function openBackDoor(options: BackDoorOptions): Promise<OpenBackDoor> {
  const wire = await dial(options.port);
  await wire.command(`LOGIN ${quoted(options.user)} ${quoted(options.password)}`);
  const separator = /"(.)" /.exec((await wire.command('LIST "" ""')).map(text).join(' '))?.[1] ?? '/';
  const nameOf = (path: readonly string[]): string =>
    path.join('/') === 'INBOX' ? 'INBOX' : quoted((options.prefix ?? '') + path.map(toModifiedUtf7).join(separator));
  const pathOf = (name: string): string => {
    const bare = name.startsWith(options.prefix ?? '') ? name.slice((options.prefix ?? '').length) : name;
    return bare.split(separator).map(fromModifiedUtf7).join('/');
  };
  /** The UIDs, oldest first. */
  const uidsIn = async (path: readonly string[]): Promise<readonly string[]> => {
    await wire.command(`SELECT ${nameOf(path)}`);
    const found = await wire.command('UID SEARCH ALL');
    return found.flatMap((line) => /^\* SEARCH(.*)$/.exec(text(line))?.[1]?.split(' ').filter(Boolean) ?? []);
  };
  const setOf = (uids: readonly string[], places: readonly number[]): string =>
    places
      .map((place) => {
        const uid = uids[place];
        if (uid === undefined) throw new Error(`no message at place ${place}`);
        return uid;
      })
      .join(',');
  return {
    command: async (line) => (await wire.command(line)).map(text),
    async append(path, message) {
      await wire.command(
        `APPEND ${nameOf(path)} (${imapFlags(message.flags ?? [])}) ${dateOf(message)}{${message.bytes.length}}`,
        message.bytes,
      );
    },
    async changeFlags(path, places, change: FlagChange) {
      const set = setOf(await uidsIn(path), places);
      if (change.add.length > 0) await wire.command(`UID STORE ${set} +FLAGS.SILENT (${imapFlags(change.add)})`);
      if (change.remove.length > 0) await wire.command(`UID STORE ${set} -FLAGS.SILENT (${imapFlags(change.remove)})`);
      await wire.command('UNSELECT');
    },
    async expunge(path, places) {
      const set = setOf(await uidsIn(path), places);
      await wire.command(`UID STORE ${set} +FLAGS.SILENT (\\Deleted)`);
      await wire.command(`UID EXPUNGE ${set}`);
      await wire.command('UNSELECT');
    },
    async messages(path) {
      const there = await wire.command(`EXAMINE ${nameOf(path)}`).catch(() => undefined);
      if (there === undefined) return [];
      const lines = await wire.command('UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])');
      await wire.command('UNSELECT');
      return lines.filter((line) => /^\* \d+ FETCH .*BODY\[\]/.test(text(line))).map(storedMessage);
    },
    async mailboxes() {
      const lines = await wire.command(`LIST "" ${quoted(`${options.prefix ?? ''}*`)}`);
      const inbox = options.prefix === undefined ? [] : await wire.command('LIST "" INBOX');
      return [...inbox, ...lines]
        .filter((line) => !/^\* LIST \([^)]*\\(?:Noselect|NonExistent)/i.test(text(line)))
        .map((line) => pathOf(listedName(line)));
    },
    createMailbox: async (path) => void (await wire.command(`CREATE ${nameOf(path)}`)),
    renameMailbox: async (path, to) => void (await wire.command(`RENAME ${nameOf(path)} ${nameOf(to)}`)),
    deleteMailbox: async (path) => void (await wire.command(`DELETE ${nameOf(path)}`)),
    close: () => wire.close(),
  };
}

/** One line of an answer; each literal stands in `literals`, and `{n}` in its place. */
interface Line {
  readonly text: string;
  readonly literals: readonly Buffer[];
}

interface Wire {
  /** Rejects when the answer is not OK. */
  command(text: string, literal?: Buffer): Promise<readonly Line[]>;
  close(): Promise<void>;
}

async function dial(port: number): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const reader = readerOf(socket);
  await reader.line();
  let tags = 0;
  const command = async (line: string, literal?: Buffer): Promise<readonly Line[]> => {
    const tag = `b${(tags += 1)}`;
    socket.write(`${tag} ${line}\r\n`);
    const lines: Line[] = [];
    for (;;) {
      const answer = await reader.line();
      if (literal !== undefined && answer.text.startsWith('+')) {
        socket.write(literal);
        socket.write('\r\n');
      } else if (!answer.text.startsWith(`${tag} `)) lines.push(answer);
      else if (answer.text.startsWith(`${tag} OK`)) return lines;
      else throw new Error(`${line.slice(0, 200)} was answered with ${answer.text}`);
    }
  };
  // One after the other, as the tests ask side by side.
  let last: Promise<unknown> = Promise.resolve();
  return {
    command(line, literal) {
      const next = last.then(() => command(line, literal));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      socket.destroy();
    },
  };
}

function readerOf(socket: Socket): { line(): Promise<Line> } {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let buffered: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const next = await chunks.next();
    if (next.done === true) throw new Error('the IMAP server hung up');
    buffered = Buffer.concat([buffered, next.value]);
  };
  const take = (length: number): Buffer => {
    const taken = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return taken;
  };
  const bytes = async (length: number): Promise<Buffer> => {
    if (buffered.length >= length) return take(length);
    const parts = [buffered];
    let missing = length - buffered.length;
    buffered = Buffer.alloc(0);
    while (missing > 0) {
      await more();
      const part = take(Math.min(missing, buffered.length));
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  };
  const piece = async (): Promise<string> => {
    for (;;) {
      const end = buffered.indexOf('\r\n');
      if (end >= 0)
        return take(end + 2)
          .toString('latin1')
          .slice(0, -2);
      await more();
    }
  };
  return {
    async line() {
      const literals: Buffer[] = [];
      let whole = await piece();
      for (let size = /\{(\d+)\}$/.exec(whole); size !== null; size = /\{(\d+)\}$/.exec(whole)) {
        literals.push(await bytes(Number(size[1])));
        whole += await piece();
      }
      return { text: whole, literals };
    },
  };
}

function text(line: Line): string {
  return line.text;
}

function storedMessage(line: Line): StoredMessage {
  const flags = /FLAGS \(([^)]*)\)/.exec(line.text)?.[1] ?? '';
  const date = /INTERNALDATE "([^"]*)"/.exec(line.text)?.[1] ?? '';
  return {
    bytes: line.literals[0] ?? Buffer.alloc(0),
    flags: normalFlags(flags.split(' ').filter((flag) => flag.toLowerCase() !== '\\recent')),
    // `06-May-2021 07:08:09 -0500`: only the date's own dashes are not JavaScript's.
    receivedAtMs: Date.parse(date.trim().replace(/^(\d+)-(\w+)-/, '$1 $2 ')),
  };
}

function listedName(line: Line): string {
  const found = /^\* LIST \([^)]*\) (?:"[^"]*"|NIL) (.*)$/.exec(line.text)?.[1] ?? '';
  if (line.literals[0] !== undefined) return line.literals[0].toString('latin1');
  return found.startsWith('"') ? found.slice(1, -1).replaceAll(/\\(.)/g, '$1') : found;
}

function imapFlags(flags: readonly Flag[]): string {
  return flags.map(flagToImap).join(' ');
}

/** RFC 9051 date-time, with a blank behind it. */
function dateOf(message: NewMessage): string {
  if (message.receivedAtMs === undefined) return '';
  const [, day = '', month = '', year = '', time = ''] = new Date(message.receivedAtMs).toUTCString().split(' ');
  return `"${day}-${month}-${year} ${time} +0000" `;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

/** RFC 3501 5.1.3. */
function toModifiedUtf7(value: string): string {
  return value.replaceAll(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${base64.replaceAll('=', '').replaceAll('/', ',')}-`;
  });
}

function fromModifiedUtf7(value: string): string {
  return value.replaceAll(/&([^-]*)-/g, (_, base64: string) =>
    base64 === '' ? '&' : Buffer.from(base64.replaceAll(',', '/'), 'base64').swap16().toString('utf16le'),
  );
}
