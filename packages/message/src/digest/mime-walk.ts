import { MAX_HEADER_BYTES } from '../header-block.ts';
import { LineEnds } from '../line-ends.ts';
import type { DigestBounds } from './bounds.ts';
import { readEnvelope } from './envelope.ts';
import { readHeaderValues } from './header-values.ts';
import { isMessage, isMultipart, openPart, type Part } from './part.ts';
import { readPartHead } from './part-head.ts';

/**
 * RFC 2046 5.1.1 allows 70. What is compared is the beginning of a line, so longer ones are cut and still found. A line that may be a boundary is
 * held back until this much of it is there.
 */
const MAX_BOUNDARY_CHARS = 200;
/** CRLF and two hyphens, cut anywhere: so much of a body is held back until it is known what follows. */
const HELD_BYTES = 4;
const LF = 0x0a;
const CR = 0x0d;
const HYPHEN = 0x2d;
const MAYBE_BOUNDARY = Buffer.from('\n--');

export interface WalkListener {
  /** Its octets, the end of them cut off where they are too many. The head of the part is known. */
  headerRead?(part: Part, block: Buffer): void;
  /** The header of a part has been read. True: the octets of its body are wanted. */
  partOpened(part: Part): boolean;
  /** In the order of the message; the memory is the caller's. */
  bodyBytes(part: Part, bytes: Buffer): void;
  partClosed(part: Part): void;
}

/**
 * Finds the parts of a message (RFC 2046) in bytes that come piece by piece. States: in the `header` of the innermost open part, in its `body` (also the
 * preamble and epilogue of a multipart), in the rest of a `delimiter` line. Each byte is looked at once for line ends and once for boundaries.
 */
export class MimeWalk {
  readonly root: Part = openPart(0);
  isPartial = false;
  /** Of all that has been dealt with. */
  readonly lineEnds = new LineEnds();
  readonly #listener: WalkListener;
  readonly #bounds: DigestBounds;
  /** Open parts, outermost first. */
  readonly #open: Part[] = [this.root];
  #state: 'header' | 'body' | 'delimiter' = 'header';
  /** What follows the delimiter line: another part of this multipart, or its epilogue. */
  #next: { readonly multipart: Part; readonly isEnd: boolean } | undefined;
  #boundaries = 0;
  #parts = 1;
  #headerBytes = 0;
  /** The beginning of a header that is too long to be held; its rest is only walked through. */
  #cutHeader: Buffer | undefined;
  /** Where in the message the line begins that is to be looked at next, in a header. */
  #line = 0;
  #isLineStart = true;
  #wantsBody = false;
  /** All before it has been dealt with. */
  #at = 0;
  /** The bytes at hand, and where in the message they begin. */
  #bytes: Buffer = Buffer.alloc(0);
  #base = 0;
  #isLast = false;

  constructor(listener: WalkListener, bounds: DigestBounds) {
    this.#listener = listener;
    this.#bounds = bounds;
  }

  /**
   * @param bytes what the last call left over, and more
   * @param isLast the message ends with them
   * @returns how many of them are done with; the others must come again
   */
  push(bytes: Buffer, isLast: boolean): number {
    this.#bytes = bytes;
    this.#base = this.#at;
    this.#isLast = isLast;
    while (this.#step()) {
      // Each step does one header, one delimiter, or a body up to the next one.
    }
    if (isLast) this.#closeDownTo(0, this.#at, this.lineEnds.count);
    this.#bytes = Buffer.alloc(0);
    return this.#at - this.#base;
  }

  /** False: nothing more can be done with these bytes. */
  #step(): boolean {
    if (this.#state === 'header') return this.#header();
    return this.#state === 'delimiter' ? this.#delimiter() : this.#body();
  }

  get #end(): number {
    return this.#base + this.#bytes.length;
  }

  #byte(at: number): number | undefined {
    return this.#bytes[at - this.#base];
  }

  /** Where the next line end is; -1: not here. */
  #lineFeed(from: number): number {
    const found = this.#bytes.indexOf(LF, from - this.#base);
    return found < 0 ? -1 : found + this.#base;
  }

  #header(): boolean {
    for (;;) {
      const start = this.#line;
      const feed = this.#lineFeed(start);
      if (feed < 0 && !this.#isLast) return this.#shortenHeader();
      if (this.#isLineStart) {
        const isEmpty = feed === start || (feed === start + 1 && this.#byte(start) === CR);
        if (isEmpty) return this.#headerEnds(start, feed + 1);
        // A part whose header runs into the next boundary has no body.
        const multipart = this.#boundaryAt(start, feed < 0 ? this.#end : feed);
        if (multipart !== undefined) {
          this.#headerEnds(start, start);
          return this.#meet(multipart, start, start);
        }
      }
      if (feed < 0) return this.#headerEnds(this.#end, this.#end);
      this.#line = feed + 1;
      this.#isLineStart = true;
    }
  }

  /** More bytes are needed. What is too much to be held is let go, but for the beginning that will be read. */
  #shortenHeader(): false {
    if (this.#end - this.#at <= MAX_HEADER_BYTES) return false;
    this.#keepHeaderStart(this.#end);
    // A short line is kept: it may become the empty one. A long one goes on in the next bytes.
    const isLong = this.#end - this.#line > MAX_BOUNDARY_CHARS;
    if (isLong) {
      this.#isLineStart = false;
      this.#line = this.#end;
    }
    this.#advance(this.#line);
    return false;
  }

  #keepHeaderStart(end: number): void {
    this.isPartial = true;
    this.#cutHeader ??= Buffer.from(this.#bytes.subarray(this.#at - this.#base, Math.min(end - this.#base, MAX_HEADER_BYTES)));
  }

  #headerEnds(end: number, bodyStart: number): true {
    const part = this.#open.at(-1) as Part;
    let block = this.#cutHeader ?? this.#bytes.subarray(this.#at - this.#base, end - this.#base);
    const most = Math.min(MAX_HEADER_BYTES, this.#bounds.headerBytes - this.#headerBytes);
    if (block.length > most) {
      this.isPartial = true;
      block = block.subarray(0, most);
    }
    this.#headerBytes += block.length;
    this.#cutHeader = undefined;
    this.#advance(bodyStart);
    part.bodyStart = bodyStart;
    part.linesBefore = this.lineEnds.count;
    this.#read(part, block);
    return true;
  }

  #read(part: Part, block: Buffer): void {
    const { values, isCut } = readHeaderValues(block);
    if (isCut) this.isPartial = true;
    const { parent } = part;
    const isInDigest = parent?.head.subtype === 'digest' && isMultipart(parent);
    part.head = readPartHead(values, isInDigest);
    if (parent === undefined || isMessage(parent.head)) part.envelope = readEnvelope(values);
    this.#isLineStart = true;
    this.#state = 'body';
    this.#listener.headerRead?.(part, block);
    this.#wantsBody = this.#listener.partOpened(part);
    if (isMultipart(part)) this.#enterMultipart(part);
    // RFC 2046 5.2.1: a message is never encoded; one that is (RFC 6532 3.5) is not looked into.
    else if (isMessage(part.head) && ['7bit', '8bit', 'binary'].includes(part.head.encoding)) this.#enterMessage(part);
  }

  #enterMultipart(part: Part): void {
    const boundary = part.head.parameters.boundary?.slice(0, MAX_BOUNDARY_CHARS);
    if (boundary === undefined || boundary === '') return;
    if (this.#open.length >= this.#bounds.depth) {
      this.isPartial = true;
      return;
    }
    // Lines are compared as bytes.
    part.boundary = Buffer.from(boundary).toString('latin1', 0, MAX_BOUNDARY_CHARS);
    this.#boundaries++;
  }

  #enterMessage(part: Part): void {
    const root = this.#openPart(part);
    if (root === undefined) return;
    // Its header may never come.
    root.envelope = readEnvelope(new Map());
    part.message = root;
  }

  /** Undefined: there are too many, or they are too deep. */
  #openPart(parent: Part): Part | undefined {
    if (this.#parts >= this.#bounds.parts || this.#open.length >= this.#bounds.depth) {
      this.isPartial = true;
      return undefined;
    }
    const part = openPart(this.#at, parent);
    this.#parts++;
    this.#open.push(part);
    this.#state = 'header';
    this.#line = this.#at;
    this.#isLineStart = true;
    this.#wantsBody = false;
    return part;
  }

  #body(): boolean {
    if (this.#boundaries === 0) {
      this.#advance(this.#end);
      return false;
    }
    let from = this.#at;
    for (;;) {
      const start = this.#maybeBoundary(from);
      if (start === undefined) {
        this.#advance(this.#isLast ? this.#end : Math.max(this.#at, this.#end - HELD_BYTES));
        return false;
      }
      const feed = this.#lineFeed(start);
      const lineEnd = feed < 0 ? this.#end : feed;
      if (feed < 0 && !this.#isLast && lineEnd - start < MAX_BOUNDARY_CHARS + HELD_BYTES) {
        this.#advance(Math.max(this.#at, start - 2));
        return false;
      }
      const multipart = this.#boundaryAt(start, lineEnd);
      if (multipart !== undefined) return this.#meet(multipart, start, this.#endBefore(start));
      from = start + 1;
    }
  }

  /** The next line that begins with two hyphens. */
  #maybeBoundary(from: number): number | undefined {
    if (from === this.#at && this.#isLineStart) {
      const isCut = this.#end - from < 2 && !this.#isLast;
      if ((this.#byte(from) === HYPHEN && this.#byte(from + 1) === HYPHEN) || (isCut && this.#end > from)) return from;
    }
    const found = this.#bytes.indexOf(MAYBE_BOUNDARY, from - this.#base);
    return found < 0 ? undefined : found + this.#base + 1;
  }

  /**
   * RFC 2046 5.1.1: the beginning of the line decides. Of several open multiparts whose boundaries fit it is the longest, then the innermost: that
   * keeps apart boundaries of which one begins like the other, and is what Dovecot does.
   */
  #boundaryAt(start: number, lineEnd: number): Part | undefined {
    if (this.#boundaries === 0 || this.#byte(start) !== HYPHEN || this.#byte(start + 1) !== HYPHEN) return undefined;
    const from = start + 2 - this.#base;
    const line = this.#bytes.toString('latin1', from, Math.min(lineEnd - this.#base, from + MAX_BOUNDARY_CHARS));
    let best: Part | undefined;
    for (const part of this.#open) {
      const { boundary } = part;
      if (boundary !== undefined && boundary.length >= (best?.boundary?.length ?? 0) && line.startsWith(boundary)) best = part;
    }
    return best;
  }

  /** The line end before a boundary belongs to it (RFC 2046 5.1.1). */
  #endBefore(start: number): number {
    if (start <= this.#at) return this.#at;
    const isCrlf = start - 2 >= this.#at && this.#byte(start - 2) === CR;
    return start - (isCrlf ? 2 : 1);
  }

  #meet(multipart: Part, start: number, bodyEnd: number): true {
    this.#advance(bodyEnd);
    this.#wantsBody = false;
    this.#closeDownTo(this.#open.indexOf(multipart) + 1, bodyEnd, this.lineEnds.count);
    const after = start + 2 + (multipart.boundary?.length ?? 0);
    const isEnd = this.#byte(after) === HYPHEN && this.#byte(after + 1) === HYPHEN;
    if (isEnd) this.#forgetBoundary(multipart);
    this.#advance(start);
    this.#next = { multipart, isEnd };
    this.#state = 'delimiter';
    return true;
  }

  #delimiter(): boolean {
    const feed = this.#lineFeed(this.#at);
    this.#advance(feed < 0 ? this.#end : feed + 1);
    if (feed < 0 && !this.#isLast) return false;
    const { multipart, isEnd } = this.#next ?? { multipart: this.root, isEnd: true };
    this.#state = 'body';
    this.#isLineStart = true;
    if (isEnd) return true;
    const part = this.#openPart(multipart);
    if (part === undefined) this.#forgetBoundary(multipart);
    else multipart.parts.push(part);
    return true;
  }

  #forgetBoundary(part: Part): void {
    if (part.boundary === undefined) return;
    delete part.boundary;
    this.#boundaries--;
  }

  /** Ends the innermost parts until so many are open. */
  #closeDownTo(depth: number, end: number, lines: number): void {
    while (this.#open.length > depth) {
      const part = this.#open.pop() as Part;
      this.#forgetBoundary(part);
      part.sizeBytes = Math.max(0, end - part.bodyStart);
      part.lines = Math.max(0, lines - part.linesBefore);
      this.#listener.partClosed(part);
    }
  }

  #advance(to: number): void {
    if (to <= this.#at) return;
    const bytes = this.#bytes.subarray(this.#at - this.#base, to - this.#base);
    this.lineEnds.push(bytes);
    if (this.#wantsBody) this.#listener.bodyBytes(this.#open.at(-1) as Part, bytes);
    this.#at = to;
    if (this.#state === 'body') this.#isLineStart = false;
  }
}
