import { isTooManyFlags, normalFlags, type Flag } from '@stopgap/core';
import type { Client, Command, Completion } from '../client.ts';
import { completionOf, endsSession, isOurFault, no, ok, replies } from '../replies.ts';
import type { Append } from '../session.ts';
import { gatherRest, type LiteralHead } from '../wire/command-reader.ts';
import { parseDateTime } from '../wire/date-time.ts';
import { ConnectionOver, EndingFault, SyntaxFault } from '../wire/faults.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import { Scanner, type CommandText } from '../wire/scanner.ts';
import { formatSet } from '../wire/sequence-set.ts';

/** Of one command (RFC 3502). */
const MOST_MESSAGES = 1000;

interface MessageOptions {
  readonly flags: readonly Flag[];
  readonly isTooMany: boolean;
  readonly receivedAtMs?: number;
  /** RFC 6855 4: `UTF8 (` stands before the literal, `)` after it. */
  readonly isWrapped: boolean;
}

const NO_OPTIONS: MessageOptions = { flags: [], isTooMany: false, isWrapped: false };

/** RFC 9051 6.3.12, MULTIAPPEND (RFC 3502), literal8 (RFC 3516 4.4). The octets go through, chunk by chunk; none is changed. */
export const append: Command = {
  state: 'authenticated',
  async run(args, client, { pending }) {
    if (pending === undefined) throw new SyntaxFault('A message is missing');
    const taking = new Taking(client);
    try {
      return await taking.all(args, pending);
    } finally {
      await taking.end();
    }
  },
};

/** Is the literal that comes next a message? Then it must not be held. */
export function atMessageLiteral(text: CommandText): boolean {
  if (!/^\S+ APPEND /i.test(text.texts[0] ?? '')) return false;
  const args = new Scanner(text);
  try {
    args.tag();
    args.space();
    args.word();
    args.space();
    args.astring();
    readOptions(args);
    return args.isAtEnd;
  } catch {
    return false;
  }
}

/** Once something has failed the rest is only read past: what the client sends unasked must not become commands. */
class Taking {
  readonly #client: Client;
  readonly #limitBytes: number;
  #failure: Completion | undefined;
  #append: Append | undefined;

  constructor(client: Client) {
    this.#client = client;
    this.#limitBytes = client.session?.appendLimitBytes ?? 0;
  }

  async all(args: Scanner, first: LiteralHead): Promise<Completion> {
    let options = await this.#begin(args);
    let pending: LiteralHead | undefined = first;
    for (let count = 1; pending !== undefined; count += 1) {
      if (count > MOST_MESSAGES) this.#failure ??= no('Too many messages at once', 'LIMIT');
      if (!(await this.#take(pending, options))) break;
      ({ options, pending } = await this.#next(options.isWrapped));
    }
    if (this.#failure !== undefined || this.#append === undefined) return this.#failure ?? no('Nothing was appended', 'CANNOT');
    return await this.#commit(this.#append);
  }

  /** What was not committed leaves nothing behind. */
  async end(): Promise<void> {
    await this.#append?.abort();
  }

  async #begin(args: Scanner): Promise<MessageOptions> {
    let options = NO_OPTIONS;
    await this.#orFail(async () => {
      args.space();
      const name = readMailboxName(args.astring(), this.#client.enabled.isUtf8);
      options = readOptions(args);
      this.#append = await this.#client.session?.append(name);
    });
    return options;
  }

  /** One message. False: the client waits for our word, and is refused. */
  async #take(literal: LiteralHead, options: MessageOptions): Promise<boolean> {
    const { sizeBytes } = literal;
    if (options.isTooMany) this.#failure ??= replies.tooManyFlags;
    if (sizeBytes > this.#limitBytes) this.#failure ??= replies.tooLarge(this.#limitBytes);
    // RFC 3502 6: an empty message takes it all back.
    if (sizeBytes === 0) this.#failure ??= no('Nothing was appended', 'CANNOT');
    if (literal.isSynchronizing) {
      if (this.#failure !== undefined) return false;
      this.#client.out.text('+ OK\r\n');
      await this.#client.out.flush();
    }
    let left = sizeBytes;
    const { in: source } = this.#client;
    const bytes = (async function* () {
      for await (const chunk of source.stream(sizeBytes)) {
        left -= chunk.length;
        yield chunk;
      }
    })();
    if (this.#failure === undefined) await this.#orFail(async () => await this.#append?.add({ ...options, sizeBytes, bytes }));
    // RFC 7888 4.
    if (left > this.#limitBytes * 2) throw new EndingFault(`[TOOBIG] The limit is ${this.#limitBytes} bytes`);
    for await (const _ of source.stream(left)) {
      // Read past.
    }
    return true;
  }

  /** What follows a message: another one, or the end. */
  async #next(isWrapped: boolean): Promise<{ readonly options: MessageOptions; readonly pending: LiteralHead | undefined }> {
    const rest = await gatherRest(this.#client.in);
    if (rest === undefined) throw new ConnectionOver('The client is gone');
    const { pending } = rest;
    let options = NO_OPTIONS;
    await this.#orFail(async () => {
      const args = new Scanner({ texts: [rest.text], literals: [] });
      if (isWrapped) args.expect(')');
      if (pending === undefined) return args.end();
      options = readOptions(args);
      if (!args.isAtEnd) throw new SyntaxFault('A message is missing');
    });
    return { options, pending };
  }

  async #commit(begun: Append): Promise<Completion> {
    let completion: Completion | undefined;
    await this.#orFail(async () => {
      const { uidValidity, uids } = await begun.commit();
      this.#append = undefined;
      // RFC 4315 3.
      completion = ok('Appended', `APPENDUID ${uidValidity} ${formatSet(uids)}`);
    });
    return completion ?? this.#failure ?? no('Nothing was appended', 'CANNOT');
  }

  async #orFail(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      if (error instanceof ConnectionOver || error instanceof EndingFault || endsSession(error)) throw error;
      if (isOurFault(error)) this.#client.fail(error, 'APPEND');
      this.#failure ??= completionOf(error, { isTarget: true });
    }
  }
}

function readOptions(args: Scanner): MessageOptions {
  args.space();
  let flags: readonly string[] = [];
  let receivedAtMs: number | undefined;
  if (args.peek() === '(') {
    flags = args.list(() => args.flag());
    args.space();
  }
  if (args.peek() === '"') {
    receivedAtMs = parseDateTime(args.string());
    args.space();
  }
  const isWrapped = args.acceptWord('UTF8');
  if (isWrapped) {
    args.space();
    args.expect('(');
  }
  return {
    flags: normalFlags(flags),
    isTooMany: isTooManyFlags(flags),
    ...(receivedAtMs !== undefined && { receivedAtMs }),
    isWrapped,
  };
}
