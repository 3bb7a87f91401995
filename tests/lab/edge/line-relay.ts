import type { Passage } from './passage.ts';
import { forward } from './streams.ts';
import { beginsWith, rejection, type Weather } from './weather.ts';

const LF = 0x0a;

/** IMAP and POP3 in `reject`: answers some commands itself. After STARTTLS/STLS the rest is unreadable and passes. */
export function rejectCommands(passage: Passage, replies: Readonly<Record<string, string>>): void {
  const { client } = passage;
  passage.backend().pipe(client);
  followCommands(passage, ({ tag, command }) => {
    const reply = rejection(replies, command);
    if (reply === undefined || !passage.spell.strike()) return true;
    client.write(`${reply.replaceAll('$tag', tag)}\r\n`);
    return false;
  });
}

/** IMAP in `stall`: at one command the connection hangs, before or after the server has done it. */
export function stallCommand(passage: Passage, { command: wanted, delivered }: Extract<Weather, { mode: 'stall' }>): void {
  const { client } = passage;
  const backend = passage.backend();
  let stalled: { readonly tag: string } | undefined;
  let unread = '';
  backend.on('data', (chunk: Buffer) => {
    if (!stalled) return forward(backend, client, chunk);
    if (!delivered) return;
    // What leads up to the command's own answer passes, such as the word that a literal may come.
    unread += chunk.toString('latin1');
    for (let end = unread.indexOf('\n') + 1; end > 0; end = unread.indexOf('\n') + 1) {
      if (unread.startsWith(`${stalled.tag} `)) return;
      client.write(unread.slice(0, end), 'latin1');
      unread = unread.slice(end);
    }
  });
  followCommands(passage, ({ tag, command }) => {
    if (stalled) return false;
    if (!beginsWith(command, wanted) || !passage.spell.strike()) return true;
    stalled = { tag };
    return delivered;
  });
}

interface Command {
  /** Empty on POP3. */
  readonly tag: string;
  readonly command: string;
}

/** Passes on what the client says, but for the commands that `passes` keeps, each with the literals that come without being asked for. */
function followCommands(passage: Passage, passes: (command: Command) => boolean): void {
  const { client } = passage;
  const backend = passage.backend();
  let unread: Buffer = Buffer.alloc(0);
  /** Bytes of an IMAP literal (RFC 9051 4.3) still to come: they are no commands. */
  let literal = 0;
  /** What comes next continues a command that was kept, or passed on. */
  let isKept = false;
  let isContinued = false;
  let isOpaque = false;
  client.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 0) {
      const size = isOpaque ? unread.length : literal > 0 ? Math.min(literal, unread.length) : unread.indexOf(LF) + 1;
      if (size === 0) return;
      const piece = unread.subarray(0, size);
      unread = unread.subarray(size);
      if (isOpaque || literal > 0) literal = Math.max(0, literal - size);
      else {
        const line = piece.toString('latin1').trim();
        const said = passage.protocol === 'imap' ? splitTag(line) : { tag: '', command: line };
        if (!isContinued) isKept = !passes(said);
        isOpaque = !isKept && /^(STARTTLS|STLS)$/i.test(said.command);
        const [, bytes, plus] = (passage.protocol === 'imap' && /\{(\d+)(\+?)\}$/.exec(line)) || [];
        // RFC 7888: with a plus it comes in any case.
        isContinued = bytes !== undefined && (!isKept || plus === '+');
        literal = isContinued ? Number(bytes) : 0;
      }
      if (!isKept) forward(client, backend, piece);
    }
  });
}

function splitTag(line: string): Command {
  const space = line.indexOf(' ');
  return space < 0 ? { tag: '', command: '' } : { tag: line.slice(0, space), command: line.slice(space + 1) };
}
