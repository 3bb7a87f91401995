import type { Passage } from './passage.ts';
import { forward } from './streams.ts';
import { rejection } from './weather.ts';

const LF = 0x0a;

/** IMAP and POP3 in `reject`: answers some commands itself. After STARTTLS/STLS the rest is unreadable and passes. */
export function rejectCommands(passage: Passage, replies: Readonly<Record<string, string>>): void {
  const { client } = passage;
  const backend = passage.backend();
  backend.pipe(client);
  let unread: Buffer = Buffer.alloc(0);
  /** Bytes of an IMAP literal (RFC 9051 4.3) still to come: they are no commands. */
  let literal = 0;
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
        const { tag, command } = passage.protocol === 'imap' ? splitTag(line) : { tag: '', command: line };
        const reply = rejection(replies, command);
        if (reply !== undefined && passage.spell.strike()) {
          client.write(`${reply.replaceAll('$tag', tag)}\r\n`);
          continue;
        }
        isOpaque = /^(STARTTLS|STLS)$/i.test(command);
        literal = passage.protocol === 'imap' ? Number(/\{(\d+)\+?\}$/.exec(line)?.[1] ?? 0) : 0;
      }
      forward(client, backend, piece);
    }
  });
}

function splitTag(line: string): { tag: string; command: string } {
  const space = line.indexOf(' ');
  return space < 0 ? { tag: '', command: '' } : { tag: line.slice(0, space), command: line.slice(space + 1) };
}
