/**
 * What a public door does to its clients. `times`: the fault strikes that often, then the door is as in `pass`.
 * Setting another weather resets every connection that is open at that moment, except between `pass` and the HTTP request modes.
 */
export type Weather = Plain | OnConnect | OnStream | OnCommand | OnRequest;

interface Plain {
  /** `refuse`: nobody listens (ECONNREFUSED). */
  readonly mode: 'pass' | 'refuse';
}

interface Limited {
  readonly times?: number;
}

type OnConnect =
  /** `reset`: accepted, then RST. `close`: accepted, then FIN. `blackhole`: accepted, never read, never answered, no TLS. */
  | (Limited & { readonly mode: 'reset' | 'close' | 'blackhole' })
  /** The first bytes of the server (its banner) pass, then everything is swallowed. */
  | (Limited & { readonly mode: 'silent' })
  /** This line instead of the server's banner, then FIN; default: the protocol's "temporarily unavailable". */
  | (Limited & { readonly mode: 'banner'; readonly text?: string });

type OnStream =
  | (Limited & { readonly mode: 'slow'; readonly bytesPerSecond: number })
  /** RST to both sides after so many bytes from the client (cut) or from the server (cutserver); these bytes still arrive. */
  | (Limited & { readonly mode: 'cut' | 'cutserver'; readonly after: number });

type OnCommand =
  /**
   * The edge answers these commands itself. A key is the beginning of a command, case ignored (`RCPT`,
   * `RCPT TO:<bob@provider.test>`, `UID FETCH`); in an IMAP answer `$tag` stands for the client's tag.
   */
  | (Limited & { readonly mode: 'reject'; readonly replies: Readonly<Record<string, string>> })
  /**
   * SMTP. When the client's final dot has come: `delivered: true` passes it on, awaits the server's reply, and resets the client
   * instead of telling it; `delivered: false` resets both sides before the dot gets through.
   */
  | (Limited & { readonly mode: 'cutAfterDot'; readonly delivered: boolean })
  /**
   * IMAP. At a command that begins so (case ignored) the connection hangs: `delivered: true` passes the command on, with its literals, and holds its
   * answer back; `false` passes nothing on. From then on the client hears nothing.
   */
  | (Limited & { readonly mode: 'stall'; readonly command: string; readonly delivered: boolean });

/** `match` is held against `METHOD /path?query`, a line break, and the beginning of the body. */
interface Matching extends Limited {
  readonly match: string | RegExp;
}

type OnRequest =
  /** HTTP. The client is reset instead of answered; the server has (`delivered: true`) or has not done its work. */
  | (Matching & { readonly mode: 'cutRequest'; readonly delivered: boolean })
  /** HTTP. The request hangs; the server has (`delivered: true`) or has not done its work. */
  | (Matching & { readonly mode: 'stallRequest'; readonly delivered: boolean })
  | (Matching & { readonly mode: 'rejectRequest'; readonly status: number; readonly body?: string })
  | (Matching & { readonly mode: 'delayRequest'; readonly ms: number });

/** Counts how often a weather has struck, and forgets it when its `times` are used up. */
export class Spell {
  readonly weather: Weather;
  #struck = 0;

  constructor(weather: Weather) {
    this.weather = weather;
  }

  get struck(): number {
    return this.#struck;
  }

  get isOver(): boolean {
    return 'times' in this.weather && this.weather.times !== undefined && this.#struck >= this.weather.times;
  }

  /** True: the fault happens now, and is counted. */
  strike(): boolean {
    if (this.isOver) return false;
    this.#struck += 1;
    return true;
  }
}

/** The reply to a command that the edge answers itself, if it does. */
export function rejection(replies: Readonly<Record<string, string>>, command: string): string | undefined {
  return Object.entries(replies).find(([start]) => beginsWith(command, start))?.[1];
}

/** Whole words, case ignored. */
export function beginsWith(command: string, start: string): boolean {
  const [upper, wanted] = [command.toUpperCase(), start.toUpperCase()];
  return upper.startsWith(wanted) && !/^\w/.test(upper.slice(wanted.length));
}
