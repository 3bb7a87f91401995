import type { ByteReader } from './byte-reader.ts';
import { EndingFault } from './faults.ts';
import type { CommandText, HeldLiteral } from './scanner.ts';

/** RFC 7162 4 asks for 8192; sets of UIDs in one command get longer. */
const LINE_BYTES = 64 * 1024;
/** Of all literals of one command that are held: names, passwords, texts to look for. */
const LITERAL_BYTES = 64 * 1024;
/** Strangers have nothing long to say. */
const STRANGER_LINE_BYTES = 8 * 1024;
const STRANGER_LITERAL_BYTES = 4 * 1024;
/** Pieces of one command. */
const MOST_LITERALS = 1000;

const MARKER = /(~?)\{(\d{1,20})(\+?)\}$/;

export interface LiteralHead {
  /** May be beyond all bounds. */
  readonly sizeBytes: number;
  /** False: `{n+}`, the octets come whatever we say (RFC 7888). */
  readonly isSynchronizing: boolean;
  readonly isBinary: boolean;
}

export type Gathered =
  | { readonly kind: 'command'; readonly text: CommandText; readonly pending?: LiteralHead }
  /** A literal that will not be taken, and that the client does not send before it is asked for. */
  | { readonly kind: 'too-big'; readonly text: CommandText };

export interface GatherOptions {
  readonly isStranger: boolean;
  /** The literal that comes next is a message: it is left to be streamed (`pending`). */
  readonly isMessage: (text: CommandText) => boolean;
  /** Says `+`, so that the client sends a literal. */
  readonly goOn: () => Promise<void>;
}

/**
 * One command with its literals; undefined: the client has ended.
 * @param begun what was read of it already (the messages of an APPEND)
 * @throws EndingFault when the client sends what can not be held
 */
export async function gatherCommand(reader: ByteReader, options: GatherOptions): Promise<Gathered | undefined> {
  const { isStranger } = options;
  const texts: string[] = [];
  const literals: HeldLiteral[] = [];
  let left = isStranger ? STRANGER_LITERAL_BYTES : LITERAL_BYTES;
  let lineLeft = isStranger ? STRANGER_LINE_BYTES : LINE_BYTES;
  for (;;) {
    const line = await reader.line(lineLeft);
    if (line === undefined) return undefined;
    lineLeft -= line.length;
    const { text, literal } = cut(line.toString('latin1'));
    texts.push(text);
    const command: CommandText = { texts, literals };
    if (literal === undefined) return { kind: 'command', text: command };
    if (options.isMessage(command)) return { kind: 'command', text: command, pending: literal };
    if (literal.sizeBytes > left || literals.length >= MOST_LITERALS) {
      // RFC 7888 4: what is not asked for and too large to be thrown away ends the connection.
      if (!literal.isSynchronizing) throw new EndingFault('[TOOBIG] Literal too large');
      return { kind: 'too-big', text: command };
    }
    left -= literal.sizeBytes;
    if (literal.isSynchronizing) await options.goOn();
    literals.push({ bytes: Buffer.from(await reader.octets(literal.sizeBytes)), isBinary: literal.isBinary });
  }
}

/** The rest of an APPEND after one of its messages: what leads to the next one, or the end. */
export async function gatherRest(reader: ByteReader): Promise<{ readonly text: string; readonly pending?: LiteralHead } | undefined> {
  const line = await reader.line(STRANGER_LINE_BYTES);
  if (line === undefined) return undefined;
  const { text, literal } = cut(line.toString('latin1'));
  return { text, ...(literal && { pending: literal }) };
}

function cut(line: string): { readonly text: string; readonly literal?: LiteralHead } {
  // A quoted string that is not closed can end with a brace, too: such a command is malformed in any case.
  const marker = line.endsWith('}') ? MARKER.exec(line) : null;
  if (marker === null) return { text: line };
  const [found, tilde, size = '', plus] = marker;
  return {
    text: line.slice(0, -found.length),
    literal: { sizeBytes: Number(size), isSynchronizing: plus === '', isBinary: tilde === '~' },
  };
}
