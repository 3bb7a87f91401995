import type { ImapSession } from './session.ts';
import type { LoggedIn, Settings } from './settings.ts';
import type { Tracker } from './tracker.ts';
import type { ByteReader } from './wire/byte-reader.ts';
import type { LiteralHead } from './wire/command-reader.ts';
import type { ResponseWriter } from './wire/response-writer.ts';
import type { Scanner } from './wire/scanner.ts';

/** What a client has said it understands (RFC 5161, RFC 7162 3.1). Never taken back. */
export interface Enabled {
  isRev2: boolean;
  isUtf8: boolean;
  isCondstore: boolean;
  isQresync: boolean;
}

/** What the commands of one connection share. */
export interface Client {
  readonly settings: Settings;
  readonly in: ByteReader;
  readonly out: ResponseWriter;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /** May it log in as the connection is now? */
  readonly mayLogIn: boolean;
  readonly isCompressed: boolean;
  readonly enabled: Enabled;
  /** Aborts when the connection is over. */
  readonly gone: AbortSignal;
  readonly login: LoggedIn | undefined;
  readonly session: ImapSession | undefined;
  selected: Tracker | undefined;
  capabilities(): readonly string[];
  /** False: its account has too many connections. */
  logIn(login: LoggedIn): Promise<boolean>;
  startTls(): Promise<void>;
  startCompression(): void;
  /** Tells the log of a fault of ours. */
  fail(error: unknown, command: string): void;
  /** The client may be silent for long now (IDLE), or may not any more. */
  setIdling(isIdling: boolean): void;
}

export type State = 'any' | 'stranger' | 'authenticated' | 'selected';

/** One command: reads its arguments, does it, writes its untagged responses, and says how it ended. */
export interface Command {
  /** Where it may be given; `authenticated` holds when a mailbox is selected, too. */
  readonly state: State;
  /** Capabilities that are advertised because this command is there. */
  readonly provides?: readonly string[];
  /** Absent: always. Else the command is unknown where it is false, and nothing of it is advertised. */
  readonly isThere?: (client: Client) => boolean;
  /** It is about sequence numbers, so none may change before it has ended (RFC 9051 7.5.1). */
  readonly keepsNumbers?: boolean;
  run(args: Scanner, client: Client, request: Request): Promise<Completion> | Completion;
}

export interface Request {
  readonly tag: string;
  /** Of an APPEND: the octets of the message come next. */
  readonly pending: LiteralHead | undefined;
}

export interface Completion {
  readonly status: 'OK' | 'NO' | 'BAD';
  /** Without brackets: `READ-ONLY`, `UIDNEXT 5`. */
  readonly code?: string;
  readonly text: string;
  /** Weighs more than other errors of the client. */
  readonly isFailedLogIn?: boolean;
  /** As `keepsNumbers` of the command, where that depends on its arguments. */
  readonly keepsNumbers?: boolean;
  /** Done once the client has been told. */
  readonly afterwards?: () => Promise<void> | void;
  /** The connection ends with it. */
  readonly isLast?: boolean;
}
