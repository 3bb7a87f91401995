import { SyntaxFault } from './faults.ts';

/** A literal that stands in a command; small, for it is held in memory. */
export interface HeldLiteral {
  readonly bytes: Buffer;
  /** `~{n}`: may hold NUL (RFC 3516 4.4). */
  readonly isBinary: boolean;
}

/** The text of a command in pieces, latin1 and without line ends: between two pieces stands a literal. */
export interface CommandText {
  readonly texts: readonly string[];
  readonly literals: readonly HeldLiteral[];
}

/** RFC 9051 9 atom-specials, and what is no ASCII: `( ) { SP CTL % * " \ ]`. */
const ATOM = /[^(){ %*"\\\]\x00-\x1f\x7f-\xff]+/y;
/** `]` may stand in an astring, and `%` and `*` in the pattern of LIST. */
const ASTRING = /[^(){ %*"\\\x00-\x1f\x7f-\xff]+/y;
const LIST_PATTERN = /[^(){ "\\\x00-\x1f\x7f]+/y;
const TAG = /[^(){ %*"\\+\x00-\x1f\x7f-\xff]+/y;
/** `\Seen`, `\*` and the like. */
const FLAG = /\\?[^(){ %*"\\\]\x00-\x1f\x7f-\xff]+|\\\*/y;
/** What FETCH can ask for, and the like: `BODY.PEEK`, before a bracket. */
const NAME = /[A-Za-z0-9.=-]+/y;
const NUMBER = /\d{1,20}/y;
const QUOTED = /"((?:[^"\\\x00\r\n]|\\["\\])*)"/y;
const SEQUENCE_SET = /[\d:*,]+|\$/y;

/**
 * Reads a command from left to right. Everything it gives is latin1, one character one octet. Each method reads one thing or throws a SyntaxFault; there
 * is no recursion and no looking back, so the time is linear in the length of the command.
 */
export class Scanner {
  readonly #texts: readonly string[];
  readonly #literals: readonly HeldLiteral[];
  #piece = 0;
  #at = 0;

  constructor(command: CommandText) {
    this.#texts = command.texts;
    this.#literals = command.literals;
  }

  /** At the end of this piece, where a literal (or the end of the command) stands. */
  get isAtPieceEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Nothing is left at all, not even a literal. */
  get isAtEnd(): boolean {
    return this.isAtPieceEnd && this.#piece === this.#texts.length - 1;
  }

  /** The next character; '' at the end of a piece. */
  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** True and past it, when this comes next. */
  accept(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** As `accept`, in any case of letters; only whole words. */
  acceptWord(word: string): boolean {
    const found = this.#text.slice(this.#at, this.#at + word.length);
    if (found.toUpperCase() !== word) return false;
    const next = this.#text.charAt(this.#at + word.length);
    if (next !== '' && /[\w.-]/.test(next)) return false;
    this.#at += word.length;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw new SyntaxFault(text === ' ' ? 'A space is missing' : `${text} is missing`);
  }

  space(): void {
    this.expect(' ');
  }

  end(): void {
    // A blank at the end is what some programs send.
    this.accept(' ');
    if (!this.isAtEnd) throw new SyntaxFault('The command should end here');
  }

  tag(): string {
    return this.#match(TAG, 'A tag is missing');
  }

  atom(): string {
    return this.#match(ATOM, 'A word is missing');
  }

  /** An atom in upper case. */
  word(): string {
    return this.atom().toUpperCase();
  }

  /** In upper case, and nothing but letters, digits, dots and hyphens. */
  name(): string {
    return this.#match(NAME, 'A name is missing').toUpperCase();
  }

  flag(): string {
    return this.#match(FLAG, 'A flag is missing');
  }

  number(): number {
    const value = Number(this.#match(NUMBER, 'A number is missing'));
    if (value > 0xffffffff) throw new SyntaxFault('The number is too large');
    return value;
  }

  /** RFC 7162: mod-sequence values have 63 bits; what is beyond our 53 is beyond every number we ever gave. */
  number64(): number {
    return Math.min(Number(this.#match(NUMBER, 'A number is missing')), Number.MAX_SAFE_INTEGER);
  }

  sequenceSet(): string {
    return this.#match(SEQUENCE_SET, 'A set of messages is missing');
  }

  /** RFC 9051 9 string: quoted or literal. */
  string(): string {
    if (this.peek() === '"') return this.#quoted();
    const literal = this.#literal();
    if (literal !== undefined) return literal;
    throw new SyntaxFault('A string is missing');
  }

  astring(): string {
    return this.#stringOr(ASTRING, 'A string is missing');
  }

  /** RFC 9051 9 list-mailbox. */
  listPattern(): string {
    return this.#stringOr(LIST_PATTERN, 'A pattern is missing');
  }

  /** `NIL` is undefined. */
  nstring(): string | undefined {
    return this.acceptWord('NIL') ? undefined : this.string();
  }

  /** `(` items, one blank between them, `)`. May be empty. */
  list<T>(item: () => T): T[] {
    this.expect('(');
    const items: T[] = [];
    if (this.accept(')')) return items;
    for (;;) {
      items.push(item());
      if (this.accept(')')) return items;
      this.space();
    }
  }

  get #text(): string {
    return this.#texts[this.#piece] ?? '';
  }

  #match(pattern: RegExp, otherwise: string): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) throw new SyntaxFault(otherwise);
    this.#at += found.length;
    return found;
  }

  #stringOr(pattern: RegExp, otherwise: string): string {
    if (this.peek() === '"') return this.#quoted();
    return this.#literal() ?? this.#match(pattern, otherwise);
  }

  #quoted(): string {
    const found = this.#match(QUOTED, 'A quoted string is not well formed');
    const inner = found.slice(1, -1);
    return inner.includes('\\') ? inner.replaceAll(/\\(["\\])/g, '$1') : inner;
  }

  /** Undefined: there is none here. */
  #literal(): string | undefined {
    if (!this.isAtPieceEnd) return undefined;
    const literal = this.#literals[this.#piece];
    if (literal === undefined) return undefined;
    if (!literal.isBinary && literal.bytes.includes(0)) throw new SyntaxFault('A literal has no NUL in it');
    this.#piece += 1;
    this.#at = 0;
    return literal.bytes.toString('latin1');
  }
}

/** Octets as text; undefined: they are no UTF-8. */
export function utf8Of(latin1: string): string | undefined {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  try {
    return STRICT_UTF8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
