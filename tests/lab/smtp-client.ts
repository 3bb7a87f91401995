import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { ReplyReader } from './edge/smtp-replies.ts';
import type { Reply } from './edge/smtp-replies.ts';

const REPLY_LIMIT_MS = 30_000;

export interface Mail {
  readonly port: number;
  readonly caFile: string;
  /** Default starttls. */
  readonly security?: 'starttls' | 'tls' | 'none';
  /** No user: no AUTH. */
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Of MAIL, as they go over the line. */
  readonly parameters?: string;
  /** With CRLF line ends, ending in one; dot-stuffed here. */
  readonly raw: Buffer;
}

/** Where a dialog ended: at a reply that is no yes, or at a connection that broke (`code` is then undefined). */
export class SmtpFailure extends Error {
  readonly stage: string;
  readonly code: number | undefined;

  constructor(stage: string, reply?: Reply, cause?: unknown) {
    super(`${stage}: ${reply?.text.trim() ?? String(cause)}`, { cause });
    this.stage = stage;
    this.code = reply?.code;
  }
}

/** Sends one message byte for byte, command by command; gives the reply after the final dot. Rejects with SmtpFailure. */
export async function sendMail(mail: Mail): Promise<string> {
  const secure = mail.security ?? 'starttls';
  const ca = readFileSync(mail.caFile);
  const dialog = new Dialog(net.connect(mail.port, '127.0.0.1'));
  try {
    if (secure === 'tls') await dialog.secure(ca);
    await dialog.expect('banner', 220);
    await dialog.command('EHLO', 'EHLO client.test', 250);
    if (secure === 'starttls') {
      await dialog.command('STARTTLS', 'STARTTLS', 220);
      await dialog.secure(ca);
      await dialog.command('EHLO', 'EHLO client.test', 250);
    }
    if (mail.user !== undefined) {
      const token = Buffer.from(`\0${mail.user}\0${mail.password ?? ''}`).toString('base64');
      await dialog.command('AUTH', `AUTH PLAIN ${token}`, 235);
    }
    await dialog.command('MAIL', `MAIL FROM:<${mail.from}>${mail.parameters === undefined ? '' : ` ${mail.parameters}`}`, 250);
    for (const to of mail.to) await dialog.command('RCPT', `RCPT TO:<${to}>`, 250);
    await dialog.command('DATA', 'DATA', 354);
    dialog.write(dotStuffed(mail.raw));
    const reply = await dialog.command('dot', '.', 250);
    dialog.write(Buffer.from('QUIT\r\n'));
    return reply.text;
  } finally {
    dialog.close();
  }
}

class Dialog {
  #socket: Socket;
  #reader = new ReplyReader();
  #replies: Reply[] = [];
  #broken: unknown;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  async secure(ca: Buffer): Promise<void> {
    this.#socket.removeAllListeners('data');
    const socket = tls.connect({ socket: this.#socket, ca, servername: 'localhost' });
    this.#socket = socket;
    this.#listen();
    await Promise.race([once(socket, 'secureConnect'), this.#breaks('TLS')]);
  }

  async command(stage: string, line: string, wanted: number): Promise<Reply> {
    this.write(Buffer.from(`${line}\r\n`));
    return this.expect(stage, wanted);
  }

  async expect(stage: string, wanted: number): Promise<Reply> {
    const signal = AbortSignal.timeout(REPLY_LIMIT_MS);
    signal.addEventListener('abort', () => this.#break(new Error('no reply in time')), { once: true });
    for (;;) {
      const reply = this.#replies.shift();
      if (reply?.code === wanted) return reply;
      if (reply) throw new SmtpFailure(stage, reply);
      if (this.#broken !== undefined) throw new SmtpFailure(stage, undefined, this.#broken);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.end();
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#replies.push(...this.#reader.push(chunk));
      this.#wake();
    });
    this.#socket.on('error', (error) => this.#break(error));
    this.#socket.on('close', () => this.#break(new Error('connection closed')));
  }

  #break(why: Error): void {
    this.#broken ??= why;
    this.#wake();
  }

  async #breaks(stage: string): Promise<never> {
    while (this.#broken === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    throw new SmtpFailure(stage, undefined, this.#broken);
  }
}

/** RFC 5321 4.5.2 */
function dotStuffed(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replaceAll(/^\./gm, '..'), 'latin1');
}
