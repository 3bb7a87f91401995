import { MailError, messageOf, type RemoteMailboxId } from '@stopgap/core';
import type { ImapFlow } from 'imapflow';
import { cancelled, failureOf, imapError, mailboxMissing, sessionEnded, voidAnswer } from './errors.ts';
import { codeOf, listOf, numberOf, pairsOf, textOf, textsOf, type Response } from './response.ts';

/** A word, a quoted text, octets, or a list of them, as imapflow's compiler writes them. */
export type Argument =
  | {
      readonly type: 'ATOM' | 'STRING' | 'SEQUENCE';
      readonly value: string;
      readonly section?: readonly Argument[];
      readonly partial?: readonly number[];
    }
  | { readonly type: 'LITERAL'; readonly value: Buffer; readonly isLiteral8?: boolean }
  | readonly Argument[];

export type UntaggedHandler = (response: Response) => void | Promise<void>;

export interface CommandOptions {
  readonly signal: AbortSignal;
  /** By the word of the answer. While one is awaited nothing more is read. What one throws ends the session and the command. */
  readonly untagged?: Readonly<Record<string, UntaggedHandler>>;
  readonly onPlusTag?: () => void;
}

/**
 * What is used of imapflow 2.10 beyond its types. Its own commands answer value, false or undefined, guess at names, expunge what others marked
 * and keep the server's words to themselves; `exec` rejects with them. Looked for when a session begins, so that a version without it fails at once.
 */
interface Wire {
  exec(
    command: string,
    attributes: readonly Argument[] | false,
    options: { readonly untagged: Readonly<Record<string, UntaggedHandler>>; readonly onPlusTag?: () => void },
  ): Promise<{ readonly response: Response; readonly next: () => void }>;
  write(line: string): void;
}

/** A mailbox as it was when it was opened. */
export interface Selected {
  readonly name: RemoteMailboxId;
  readonly validity: string;
  readonly messages: number;
  readonly uidNext: number | undefined;
  /** Decimal; undefined: this mailbox has none. */
  readonly modSeq: string | undefined;
  /** Lower case; undefined: the server did not say. */
  readonly permanentFlags: ReadonlySet<string> | undefined;
  readonly isReadOnly: boolean;
}

/** A log-in on an IMAP server and its commands, one at a time. */
export class ImapConnection {
  readonly host: string;
  /** Of the extended LIST, though it offers it. */
  refusesReturn = false;
  /** UIDVALIDITY under which the ids of a mailbox were told. */
  readonly validities = new Map<RemoteMailboxId, string>();
  readonly #client: ImapFlow;
  readonly #wire: Wire;
  #fault: unknown;
  #isSelected: 'no' | 'read' | 'write' = 'no';

  constructor(client: ImapFlow, host: string) {
    this.host = host;
    this.#client = client;
    this.#wire = wireOf(client);
    client.on('error', (error) => {
      this.#fault ??= error;
    });
  }

  get namespace(): { readonly prefix: string; readonly separator: string | undefined } {
    const { namespace } = this.#client;
    return { prefix: namespace?.prefix ?? '', separator: namespace?.delimiter || undefined };
  }

  can(capability: string): boolean {
    return this.#client.capabilities.has(capability);
  }

  isEnabled(extension: string): boolean {
    return this.#client.enabled.has(extension);
  }

  /** Resolves with the tagged OK. */
  async command(verb: string, args: readonly Argument[], options: CommandOptions): Promise<Response> {
    const { signal } = options;
    if (signal.aborted) throw cancelled(this.host);
    if (!this.#client.usable) throw failureOf(sessionEnded(this.host, this.#fault), { host: this.host, signal, fault: this.#fault });
    let thrown: { readonly error: unknown } | undefined;
    const guarded = (handler: UntaggedHandler): UntaggedHandler => {
      return async (response) => {
        if (thrown !== undefined) return;
        try {
          await handler(response);
        } catch (error) {
          thrown = { error: error instanceof MailError ? error : handlerFailed(error) };
          this.#client.close();
        }
      };
    };
    const untagged = Object.fromEntries(Object.entries(options.untagged ?? {}).map(([word, handler]) => [word, guarded(handler)]));
    const abort = (): void => this.#client.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { response, next } = await this.#wire.exec(verb, args.length === 0 ? false : args, {
        untagged,
        ...(options.onPlusTag === undefined ? {} : { onPlusTag: options.onPlusTag }),
      });
      next();
      if (thrown !== undefined) throw thrown.error;
      return response;
    } catch (error) {
      throw failureOf(thrown === undefined ? error : thrown.error, { host: this.host, signal, fault: this.#fault });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** A line of its own, outside of any command (RFC 2177's DONE). */
  write(line: string): void {
    if (this.#client.usable) this.#wire.write(line);
  }

  /**
   * Opens a mailbox. To read it is opened read-only: nothing that is done then can mark a message as read. Rejects with `mailbox-missing` only when the
   * server says so, or no longer lists it while it lists INBOX.
   */
  async select(name: RemoteMailboxId, mode: 'read' | 'write', signal: AbortSignal): Promise<Selected> {
    const told = new Told();
    const verb = mode === 'read' ? 'EXAMINE' : 'SELECT';
    // RFC 7162 3.1.8: the parameter is how a server without ENABLE is told.
    const asksForModSeq = this.can('CONDSTORE') && !this.isEnabled('CONDSTORE') && !this.isEnabled('QRESYNC');
    this.#isSelected = 'no';
    let response: Response;
    try {
      response = await this.command(verb, [nameArgument(name), ...(asksForModSeq ? [[atom('CONDSTORE')]] : [])], {
        signal,
        untagged: { OK: (answer) => told.hear(answer), EXISTS: (answer) => told.hearExists(answer) },
      });
    } catch (error) {
      throw await this.#explained(error, name, signal);
    }
    this.#isSelected = mode;
    if (told.validity === undefined || told.messages === undefined) {
      throw voidAnswer(this.host, 'a mailbox was opened without a UIDVALIDITY or a number of messages');
    }
    return {
      name,
      validity: told.validity,
      messages: told.messages,
      uidNext: told.uidNext,
      modSeq: this.can('CONDSTORE') || this.can('QRESYNC') ? told.modSeq : undefined,
      permanentFlags: told.permanentFlags,
      isReadOnly: mode === 'read' || codeOf(response)?.name === 'READ-ONLY',
    };
  }

  /** UIDNEXT of a mailbox that is not open. */
  async status(name: RemoteMailboxId, signal: AbortSignal): Promise<{ readonly uidNext: number | undefined }> {
    let uidNext: number | undefined;
    try {
      await this.command('STATUS', [nameArgument(name), [atom('UIDNEXT')]], {
        signal,
        untagged: {
          STATUS: ({ attributes = [] }) => {
            uidNext = numberOf(textOf(pairsOf(listOf(attributes[1])).get('UIDNEXT')));
          },
        },
      });
    } catch (error) {
      throw await this.#explained(error, name, signal);
    }
    return { uidNext };
  }

  /** Without expunging anything; nothing happens when none is open. */
  async unselect(signal: AbortSignal): Promise<void> {
    // A plain CLOSE would expunge what others have marked, unless the mailbox is open read-only.
    const verb = this.can('UNSELECT') ? 'UNSELECT' : 'CLOSE';
    if (this.#isSelected === 'no' || (verb === 'CLOSE' && this.#isSelected === 'write')) return;
    this.#isSelected = 'no';
    await this.command(verb, [], { signal });
  }

  /** Why a command about a mailbox was refused: is it gone? Servers without RFC 5530 only say NO. */
  async #explained(error: unknown, name: RemoteMailboxId, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'refused') return error;
    if (await this.lists(name, signal)) return error;
    return (await this.lists('INBOX' as RemoteMailboxId, signal)) ? mailboxMissing(this.host, error) : error;
  }

  /** Is there, right now, a mailbox of exactly this name? */
  async lists(name: RemoteMailboxId, signal: AbortSignal): Promise<boolean> {
    let isListed = false;
    await this.command('LIST', [string(''), nameArgument(name)], {
      signal,
      untagged: {
        LIST: ({ attributes = [] }) => {
          const isThere = !textsOf(attributes[0]).some((attribute) => /^\\NonExistent$/i.test(attribute));
          const listed = textOf(attributes[2]);
          // A name with a % or * in it is a pattern, too.
          if (isThere && (listed === name || (name === 'INBOX' && listed?.toUpperCase() === 'INBOX'))) isListed = true;
        },
      },
    });
    return isListed;
  }

  async close(graceMs: number): Promise<void> {
    if (this.#client.usable) {
      const timer = setTimeout(() => this.#client.close(), graceMs);
      await this.#client.logout().catch(() => undefined);
      clearTimeout(timer);
    }
    this.#client.close();
  }
}

export function atom(value: string): Argument {
  return { type: 'ATOM', value };
}

export function string(value: string): Argument {
  return { type: 'STRING', value };
}

export function sequence(value: string): Argument {
  return { type: 'SEQUENCE', value };
}

/** As it stood in the list; what can not be quoted goes as octets, which no line end can break out of. */
export function nameArgument(name: RemoteMailboxId): Argument {
  return /^[\x20-\x7e]*$/.test(name) ? string(name) : { type: 'LITERAL', value: Buffer.from(name, 'latin1') };
}

/** What a SELECT tells. */
class Told {
  validity: string | undefined;
  uidNext: number | undefined;
  modSeq: string | undefined;
  messages: number | undefined;
  permanentFlags: ReadonlySet<string> | undefined;

  hear(response: Response): void {
    const code = codeOf(response);
    const [value] = code?.values ?? [];
    if (code?.name === 'UIDVALIDITY' && numberOf(textOf(value)) !== undefined) this.validity = textOf(value);
    if (code?.name === 'UIDNEXT') this.uidNext = numberOf(textOf(value));
    if (code?.name === 'HIGHESTMODSEQ' && /^[1-9]\d{0,18}$/.test(textOf(value) ?? '')) this.modSeq = textOf(value);
    if (code?.name === 'PERMANENTFLAGS' && value !== undefined && listOf(value) === value) {
      this.permanentFlags = new Set(textsOf(value).map((flag) => flag.toLowerCase()));
    }
  }

  hearExists(response: Response): void {
    this.messages = numberOf(response.command) ?? this.messages;
  }
}

function handlerFailed(error: unknown): MailError {
  return imapError('bug', 'handler', `an answer could not be read: ${messageOf(error)}`, { class: 'internal', cause: error });
}

function wireOf(client: ImapFlow): Wire {
  const wire = client as unknown as Partial<Wire>;
  if (typeof wire.exec === 'function' && typeof wire.write === 'function') return wire as Wire;
  throw imapError('bug', 'wire', 'this version of imapflow has no exec and write', { class: 'internal' });
}
