import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { DotDecoder } from './dot-decoder.ts';

/** RFC 4954 4: a base64 line of AUTH may have 12288 octets; every other command is shorter (command-line.ts has its bound). */
const LONGEST_LINE_BYTES = 12_288 + 'AUTH PLAIN '.length;
/** So many pipelined commands, then others get their turn. */
const COMMANDS_IN_A_ROW = 100;
const LF = 0x0a;
const CR = 0x0d;

/** Takes the content of one message. */
export interface ContentSink {
  /** A promise: do not send more until it resolves. It never rejects. */
  write(content: Buffer): Promise<void> | void;
  /** The final dot came. Commands go on when it resolves; it never rejects. */
  end(): Promise<void>;
}

export type LineFault = 'bare-line-end' | 'too-long';
type Callback = (error?: Error | null) => void;

/**
 * What a client sends, cut into commands and message contents. Takes the place of smtp-server's own stream, which ends a command at a bare LF and
 * runs a last one that was never ended, puts a PassThrough between socket and message, and waits a turn of the event loop for every stuffed dot.
 */
export class CommandStream extends SMTPStream {
  onfault: ((fault: LineFault) => void) | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #next: Callback | undefined;
  #isRunning = false;
  #isAwaitingCommand = false;
  #inARow = 0;
  #content: { readonly sink: ContentSink; readonly decoder: DotDecoder } | undefined;

  /** From the next byte on a message follows; call it while a command is being handled. */
  receive(sink: ContentSink): void {
    this.#content = { sink, decoder: new DotDecoder() };
    // smtp-server's idle timer looks at it.
    this._dataMode = true;
  }

  /** What follows is of no interest any more. */
  discard(): void {
    this.isClosed = true;
    this.#content = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', next: Callback): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#next = next;
    this.#run();
  }

  /** A last line without its end is no command. */
  override _flushData(): void {}

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#step());
    this.#isRunning = false;
  }

  /** False: nothing more can be done now; whoever can go on calls `#run`. */
  #step(): boolean {
    if (this.isClosed) {
      this.#rest = Buffer.alloc(0);
      return this.#wantMore();
    }
    if (this.#isAwaitingCommand) return false;
    if (this.#rest.length === 0) return this.#wantMore();
    return this.#content ? this.#takeContent(this.#content) : this.#takeLine();
  }

  #wantMore(): boolean {
    const next = this.#next;
    this.#next = undefined;
    next?.();
    // It may have handed over the next chunk within the call.
    return this.#next !== undefined;
  }

  #takeLine(): boolean {
    const end = this.#rest.indexOf(LF);
    if ((end < 0 ? this.#rest.length : end) > LONGEST_LINE_BYTES) return this.#fault('too-long');
    if (end < 0) return this.#wantMore();
    if (this.#rest[end - 1] !== CR) return this.#fault('bare-line-end');
    const line = this.#rest.subarray(0, end - 1);
    this.#rest = this.#rest.subarray(end + 1);
    this.#isAwaitingCommand = true;
    this.oncommand(line, () => {
      this.#isAwaitingCommand = false;
      this.#inARow += 1;
      if (this.#inARow % COMMANDS_IN_A_ROW === 0) setImmediate(() => this.#run());
      else this.#run();
    });
    return !this.#isAwaitingCommand && this.#inARow % COMMANDS_IN_A_ROW !== 0;
  }

  #fault(fault: LineFault): boolean {
    this.isClosed = true;
    this.onfault?.(fault);
    return true;
  }

  #takeContent({ sink, decoder }: { readonly sink: ContentSink; readonly decoder: DotDecoder }): boolean {
    const decoded = decoder.push(this.#rest);
    this.#rest = decoded.kind === 'end' ? decoded.rest : Buffer.alloc(0);
    const written = decoded.content.length > 0 ? sink.write(decoded.content) : undefined;
    if (decoded.kind === 'more') {
      if (!written) return true;
      this.#isAwaitingCommand = true;
      void written.then(() => this.#resume());
      return false;
    }
    this.#content = undefined;
    this._dataMode = false;
    this.#isAwaitingCommand = true;
    void Promise.resolve(written)
      .then(() => sink.end())
      .then(() => this.#resume());
    return false;
  }

  #resume(): void {
    this.#isAwaitingCommand = false;
    this.#run();
  }
}
