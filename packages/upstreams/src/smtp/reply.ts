/** RFC 5321 4.5.3.1.5 says 512; servers that explain themselves at length exceed it. */
const LONGEST_LINE = 4096;
const MOST_LINES = 128;
const LONGEST_REPLY = 32 * 1024;

const LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/;
const STATUS = /^([245])\.\d{1,3}\.\d{1,3}(?=\s|$)/;

export interface SmtpReply {
  readonly code: number;
  /** RFC 3463 status, where the first line begins with one that fits the code. */
  readonly status?: string;
  /** Without codes; printable. */
  readonly lines: readonly string[];
}

/** `nonsense` is a sentence on what was wrong; after it the parser is not to be fed again. */
export type ParseResult = { readonly replies: readonly SmtpReply[]; readonly nonsense?: string };

/** Bytes in, replies out. Holds at most one unfinished line and one unfinished reply, both bounded. */
export class ReplyParser {
  #rest = '';
  #code = '';
  #lines: string[] = [];
  #length = 0;

  get isBetweenReplies(): boolean {
    return this.#rest === '' && this.#lines.length === 0;
  }

  feed(chunk: Buffer): ParseResult {
    // latin1 keeps one character per octet, so that the bounds count octets and a chunk may end inside a UTF-8 sequence.
    const text = this.#rest + chunk.toString('latin1');
    const replies: SmtpReply[] = [];
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start);
      if ((end === -1 ? text.length : end) - start > LONGEST_LINE) return { replies, nonsense: 'a reply line without end' };
      if (end === -1) break;
      const nonsense = this.#takeLine(text.slice(start, end), replies);
      if (nonsense !== undefined) return { replies, nonsense };
      start = end + 1;
    }
    this.#rest = text.slice(start);
    return { replies };
  }

  #takeLine(raw: string, replies: SmtpReply[]): string | undefined {
    const match = LINE.exec(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
    if (match === null) return 'something that is no SMTP reply';
    const [, code = '', separator, text = ''] = match;
    if (this.#lines.length > 0 && code !== this.#code) return 'a reply whose lines carry different codes';
    this.#length += raw.length;
    if (this.#lines.length >= MOST_LINES || this.#length > LONGEST_REPLY) return 'a reply without end';
    this.#code = code;
    this.#lines.push(printable(text));
    if (separator === '-') return undefined;
    replies.push(replyOf(code, this.#lines));
    this.#lines = [];
    this.#length = 0;
    return undefined;
  }
}

function replyOf(codeText: string, lines: readonly string[]): SmtpReply {
  const status = STATUS.exec(lines[0] ?? '');
  const code = Number(codeText);
  return status !== null && status[1] === codeText[0] ? { code, status: status[0], lines } : { code, lines };
}

/** Control characters would forge log lines and terminal colours. RFC 6531 3.7.4.1 allows UTF-8 here. */
function printable(latin1: string): string {
  const text = /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
  return /[\x00-\x1f\x7f-\x9f]/.test(text) ? text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ') : text;
}

/** Longest piece of a reply that goes into a reason. */
const LONGEST_QUOTE = 400;

/** The reply as one line: `550 5.1.1 no such user`. A multi-line reply often repeats the status on each line; it is said once. */
export function quote(reply: SmtpReply): string {
  const [first = '', ...more] = reply.lines;
  const rest = more.map((line) => (reply.status !== undefined && line.startsWith(reply.status) ? line.slice(reply.status.length) : line));
  return `${reply.code} ${[first, ...rest].map((line) => line.trim()).join(' ')}`.trim().slice(0, LONGEST_QUOTE);
}
