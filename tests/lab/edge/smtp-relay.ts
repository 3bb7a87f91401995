import type { Socket } from 'node:net';
import { DotScanner } from './dot-scanner.ts';
import type { Passage } from './passage.ts';
import { ReplyReader, withoutStartTls } from './smtp-replies.ts';
import type { Reply } from './smtp-replies.ts';
import { forward } from './streams.ts';
import { rejection } from './weather.ts';

/** RFC 5321 4.5.3.1.4 says 512; AUTH (RFC 4954) may need 12288. */
const LONGEST_COMMAND_BYTES = 16_384;

/**
 * A place in the row of replies that the client is owed. The edge's own answers wait for their turn: with PIPELINING (RFC 2920) a
 * client tells replies apart only by their order.
 */
type Owed =
  | { readonly by: 'edge'; readonly text: string }
  | { readonly by: 'backend'; readonly to: 'banner' | 'EHLO' | 'DATA' | 'dot' | 'other' }
  /** The reply that the client never gets. */
  | { readonly by: 'backend'; readonly to: 'cut dot' };

/**
 * Follows an SMTP dialog, command -> data -> command, with STARTTLS ended here so that the commands inside can be seen. The backend is
 * spoken to in clear; the client's EHLO after STARTTLS makes it start afresh (RFC 3207 4.2).
 */
export class SmtpRelay {
  readonly #passage: Passage;
  readonly #backend: Socket;
  readonly #replies = new ReplyReader();
  readonly #owed: Owed[] = [{ by: 'backend', to: 'banner' }];
  #input: Buffer = Buffer.alloc(0);
  #state: 'command' | 'awaiting 354' | 'data' | 'upgrading' = 'command';
  #data = new DotScanner();
  #isChallenged = false;

  constructor(passage: Passage) {
    this.#passage = passage;
    this.#backend = passage.backend();
    this.#backend.on('data', (chunk: Buffer) => {
      for (const reply of this.#replies.push(chunk)) this.#onReply(reply);
    });
    this.#backend.once('end', () => this.#passage.client.end());
    this.#listen();
  }

  #listen(): void {
    this.#passage.client.on('data', (chunk: Buffer) => {
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      this.#work();
    });
  }

  #work(): void {
    for (;;) {
      if (this.#state === 'data') {
        if (!this.#takeData()) return;
      } else if (this.#state === 'command') {
        const end = this.#input.indexOf('\n');
        if (end < 0) break;
        const line = this.#input.subarray(0, end + 1);
        this.#input = this.#input.subarray(end + 1);
        this.#onCommand(line);
      } else return;
    }
    if (this.#input.length > LONGEST_COMMAND_BYTES) this.#passage.resetBoth();
  }

  #onCommand(line: Buffer): void {
    const text = line.toString('latin1').trim();
    const verb = text.split(' ', 1)[0]?.toUpperCase() ?? '';
    // After 334 comes a line of base64 that is no command, whatever it looks like (RFC 4954 4).
    if (this.#isChallenged) {
      this.#isChallenged = false;
      this.#pass(line, 'other');
      return;
    }
    if (verb === 'STARTTLS' && !this.#passage.isSecure) {
      this.#startTls();
      return;
    }
    const { weather } = this.#passage.spell;
    const reply = weather.mode === 'reject' ? rejection(weather.replies, text) : undefined;
    if (reply !== undefined && this.#passage.spell.strike()) {
      this.#owed.push({ by: 'edge', text: `${reply}\r\n` });
      this.#settle();
      return;
    }
    if (verb === 'DATA') this.#state = 'awaiting 354';
    this.#pass(line, verb === 'DATA' || verb === 'EHLO' ? verb : 'other');
  }

  #pass(line: Buffer, to: 'EHLO' | 'DATA' | 'other'): void {
    this.#owed.push({ by: 'backend', to });
    forward(this.#passage.client, this.#backend, line);
  }

  #startTls(): void {
    this.#state = 'upgrading';
    // What the client sent in clear behind STARTTLS must never become a command (RFC 3207 6).
    this.#input = Buffer.alloc(0);
    const { client } = this.#passage;
    client.removeAllListeners('data');
    client.pause();
    client.write('220 2.0.0 Ready to start TLS\r\n', () => {
      this.#passage.secure();
      this.#state = 'command';
      this.#listen();
    });
  }

  /** False: more must come first. */
  #takeData(): boolean {
    if (this.#input.length === 0) return false;
    const { body, ended, rest } = this.#data.push(this.#input);
    this.#input = rest;
    if (body.length > 0) forward(this.#passage.client, this.#backend, body);
    if (!ended) return false;
    return this.#onFinalDot();
  }

  #onFinalDot(): boolean {
    const { weather } = this.#passage.spell;
    const isCut = weather.mode === 'cutAfterDot' && this.#passage.spell.strike();
    if (isCut && !weather.delivered) {
      this.#passage.resetBoth();
      return false;
    }
    this.#owed.push({ by: 'backend', to: isCut ? 'cut dot' : 'dot' });
    this.#backend.write('.\r\n');
    this.#state = 'command';
    return true;
  }

  #onReply(reply: Reply): void {
    const owed = this.#owed.shift();
    const to = owed?.by === 'backend' ? owed.to : 'other';
    if (to === 'cut dot') {
      this.#passage.resetClient();
      return;
    }
    this.#isChallenged = reply.code === 334;
    this.#tell(to === 'EHLO' && this.#passage.isSecure ? withoutStartTls(reply.text) : reply.text);
    if (to === 'DATA') {
      this.#state = reply.code === 354 ? 'data' : 'command';
      this.#data = new DotScanner();
    }
    this.#settle();
    this.#work();
  }

  /** Gives the edge's own answers whose turn has come. */
  #settle(): void {
    while (this.#owed[0]?.by === 'edge') {
      const next = this.#owed.shift();
      if (next?.by === 'edge') this.#tell(next.text);
    }
  }

  #tell(text: string): void {
    this.#passage.client.write(text, 'latin1');
  }
}
