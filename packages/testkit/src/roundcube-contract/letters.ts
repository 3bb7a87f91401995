import { randomUUID } from 'node:crypto';
import { Secret, asId, type DeliveryJob } from '@stopgap/core';
import { receivedHeader } from '@stopgap/message';
import type { RoundcubeWorld } from './world.ts';

export interface Letter {
  readonly messageId: string;
  readonly bytes: Buffer;
}

/** A message with a Message-ID of its own. `rest`: further fields, the empty line and the body. */
export function letter(from: string, rest: string, messageId = `<${randomUUID()}@${from.split('@')[1]}>`): Letter {
  const head = `From: ${from}\r\nTo: somebody@outside.test\r\nSubject: a letter\r\nMessage-ID: ${messageId}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n`;
  return { messageId, bytes: Buffer.from(head + rest, 'latin1') };
}

/** Everything that mbox, SMTP and PHP like to change. */
export const GNARLY = [
  'DKIM-Signature: v=1; a=rsa-sha256;',
  '\tbh=abc=; b=def',
  'X-Custom:   odd   spacing\t',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'From the start of a line',
  '>From quoted already',
  '>>From twice',
  'trailing blanks   ',
  '.leading stop',
  '..two of them',
  '.',
  'raw \xc3\xa9 \xff\xfe bytes',
  '',
  'From after an empty line, where an mbox splits',
  '',
  '>From after an empty line',
  'From',
  'end',
].join('\r\n');

export interface TestJob extends DeliveryJob {
  /** Its attempt began then. */
  readonly sinceMs: number;
  readonly marks: () => number;
  /** The addresses of the last mark. */
  readonly markedFor: () => readonly string[];
}

export interface JobOptions {
  readonly world: Pick<RoundcubeWorld, 'accounts'>;
  readonly letter: Letter;
  readonly to: readonly string[];
  /** Index of the account. */
  readonly who?: number;
  readonly from?: string;
  readonly password?: string;
  /** The same for attempts at one message; of [a-z0-9]. */
  readonly submission?: string;
}

export function newSubmission(): string {
  return randomUUID().replaceAll('-', '');
}

/** An attempt; each has a witness of its own. */
export function jobOf(options: JobOptions): TestJob {
  const account = options.world.accounts[options.who ?? 0];
  if (account === undefined) throw new Error('this world has no such account');
  const number = Number.parseInt(randomUUID().slice(0, 6), 16);
  const witness = `${options.submission ?? newSubmission()}.${number}`;
  const trace = Buffer.from(
    receivedHeader({ helo: 'client.test', byHost: 'relay.test', withProtocol: 'ESMTPSA', id: witness, dateMs: Date.now() }),
  );
  let marks = 0;
  let markedFor: readonly string[] = [];
  const recipients = options.to.map((address, index) => ({ address, id: asId.recipient(index + 1) }));
  return {
    submission: asId.submission('submission'),
    attempt: asId.attempt(number),
    witness,
    account: asId.account(account.address),
    envelope: { from: options.from ?? account.address, smtpUtf8: false, eightBitMime: true },
    recipients,
    messageId: options.letter.messageId,
    sizeBytes: trace.length + options.letter.bytes.length,
    async *open() {
      yield trace;
      yield options.letter.bytes;
    },
    credential: async () => ({ username: account.address, password: new Secret(options.password ?? account.password) }),
    async mark(left = recipients) {
      marks++;
      markedFor = left.map(({ address }) => address);
    },
    doubt: async () => undefined,
    unsettled: () => [],
    sinceMs: Date.now(),
    marks: () => marks,
    markedFor: () => markedFor,
  };
}

/** Ends white space: Roundcube trims it. */
export function trimmed(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd();
}

export function copiesOf(messages: readonly Buffer[], letter: Letter): Buffer[] {
  return messages.filter((raw) => raw.includes(`Message-ID: ${letter.messageId}`));
}
