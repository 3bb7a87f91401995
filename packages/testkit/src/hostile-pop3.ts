/*
 * A POP3 server that behaves, and misbehaves step by step as it is told: each command is a word of a script, and what the script leaves out goes well. It
 * records all that the client said, and deletes what the protocol allows to delete.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { HostileTalk, type Certificate } from './hostile-smtp-talk.ts';

export type Pop3Step =
  | 'banner'
  | 'capa'
  | 'stls'
  | 'user'
  | 'pass'
  | 'stat'
  | 'uidl'
  | 'list'
  | 'retr'
  | 'top'
  | 'dele'
  | 'quit'
  | 'unknown';
type Said = string | Buffer | undefined;
/**
 * What is written, with its line end if it has none; undefined: nothing (the step has done it itself, or stalls). `well`: what would be right.
 */
export type Pop3Says = string | ((talk: HostileTalk, line: string, well: Buffer) => Said | Promise<Said>);
export type Pop3Script = Partial<Readonly<Record<Pop3Step, Pop3Says>>>;

export interface Letter {
  readonly uidl: string;
  /** As the message is, neither dots doubled nor a line end added. */
  readonly bytes: Buffer;
}

export interface HostilePop3Options {
  readonly letters?: readonly Letter[];
  readonly script?: Pop3Script;
  /** Capabilities. STLS is added where there is a certificate and no TLS yet. */
  readonly offers?: readonly string[];
  readonly certificate?: Certificate;
}

export interface HostilePop3 extends AsyncDisposable {
  readonly port: number;
  readonly talks: readonly HostileTalk[];
  /** Oldest first; may be changed while it runs, and the next log-in sees it. */
  letters: readonly Letter[];
  script: Pop3Script;
  /** Ends all connections without a word. */
  cut(): void;
}

export const POP3_OFFERS: readonly string[] = ['TOP', 'UIDL', 'PIPELINING', 'RESP-CODES'];

export async function startHostilePop3(options: HostilePop3Options = {}): Promise<HostilePop3> {
  const talks: HostileTalk[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const talk = new HostileTalk(socket);
    talks.push(talk);
    void converse(talk, options, hostile);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const hostile: HostilePop3 = {
    port: (server.address() as AddressInfo).port,
    talks,
    letters: options.letters ?? [],
    script: options.script ?? {},
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hostile;
}

/** What one log-in sees, and what it will delete at QUIT (RFC 1939 6; RFC 2449 6.7 for EXPIRE 0). */
interface Maildrop {
  letters: readonly Letter[];
  readonly doomed: Set<Letter>;
}

/** Never rejects, unless a script does. */
async function converse(talk: HostileTalk, options: HostilePop3Options, hostile: HostilePop3): Promise<void> {
  const maildrop: Maildrop = { letters: [], doomed: new Set() };
  const offers = options.offers ?? POP3_OFFERS;
  const say = async (step: Pop3Step, line: string): Promise<string> => {
    const well = step === 'capa' ? capabilities(talk, options) : wellSaid(step, line, maildrop);
    const words = hostile.script[step] ?? well;
    const said = typeof words === 'function' ? await words(talk, line, well) : words;
    if (said !== undefined) talk.write(typeof said === 'string' && !said.endsWith('\n') ? `${said}\r\n` : said);
    return said?.toString('latin1') ?? '';
  };
  await say('banner', '');
  for (let line = await talk.nextLine(); line !== undefined; line = await talk.nextLine()) {
    talk.commands.push(line);
    const step = stepOf(line);
    const answer = await say(step, line);
    if (!answer.startsWith('+OK')) continue;
    const letter = letterAt(line, maildrop);
    if (step === 'pass') maildrop.letters = [...hostile.letters];
    if (letter !== undefined && (step === 'dele' || (step === 'retr' && offers.includes('EXPIRE 0')))) maildrop.doomed.add(letter);
    if (step === 'stls' && options.certificate) talk.startTls(options.certificate);
    if (step !== 'quit') continue;
    hostile.letters = hostile.letters.filter((one) => !maildrop.doomed.has(one));
    talk.hangUp();
  }
  talk.hangUp();
}

function wellSaid(step: Pop3Step, line: string, maildrop: Maildrop): Buffer {
  const { letters } = maildrop;
  const letter = letterAt(line, maildrop);
  switch (step) {
    case 'stat':
      return Buffer.from(`+OK ${letters.length} ${letters.reduce((sum, { bytes }) => sum + bytes.length, 0)}\r\n`);
    case 'uidl':
      return listing(letters.map(({ uidl }, index) => `${index + 1} ${uidl}`));
    case 'list':
      return listing(letters.map(({ bytes }, index) => `${index + 1} ${bytes.length}`));
    case 'retr':
      return letter === undefined ? Buffer.from('-ERR no such message\r\n') : dotted(letter.bytes);
    case 'top':
      return letter === undefined ? Buffer.from('-ERR no such message\r\n') : dotted(top(letter.bytes, Number(line.split(' ')[2])));
    case 'unknown':
      return Buffer.from('-ERR what?\r\n');
    case 'banner':
    case 'capa':
    case 'stls':
    case 'user':
    case 'pass':
    case 'dele':
    case 'quit':
      return Buffer.from('+OK\r\n');
  }
}

function capabilities(talk: HostileTalk, { offers, certificate }: HostilePop3Options): Buffer {
  return listing([...(offers ?? POP3_OFFERS), ...(certificate && !talk.isSecure ? ['STLS'] : [])]);
}

function listing(lines: readonly string[]): Buffer {
  return Buffer.from(['+OK', ...lines, '.', ''].join('\r\n'), 'latin1');
}

/** As on the wire: dots doubled, in a line of its own the dot that ends it. */
function dotted(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const body = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(`+OK ${bytes.length} octets\r\n${body.replaceAll(/(^|\r\n)\./g, '$1..')}.\r\n`, 'latin1');
}

function top(bytes: Buffer, lines: number): Buffer {
  const text = bytes.toString('latin1');
  const header = text.indexOf('\r\n\r\n') + 4;
  if (header === 3) return bytes;
  const body = text.slice(header).split('\r\n');
  return lines >= body.length
    ? bytes
    : Buffer.from(
        text.slice(0, header) +
          body
            .slice(0, lines)
            .map((line) => `${line}\r\n`)
            .join(''),
        'latin1',
      );
}

function letterAt(line: string, { letters }: Maildrop): Letter | undefined {
  return letters[Number(line.split(' ')[1]) - 1];
}

const STEPS: ReadonlySet<string> = new Set(['capa', 'stls', 'user', 'pass', 'stat', 'uidl', 'list', 'retr', 'top', 'dele', 'quit']);

function stepOf(line: string): Pop3Step {
  const [verb = ''] = line.toLowerCase().split(' ');
  return STEPS.has(verb) ? (verb as Pop3Step) : 'unknown';
}
