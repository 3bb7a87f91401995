import type { IncomingSession } from './incoming.ts';
import type { Reason } from './outcome.ts';
import type { Path } from './path.ts';
import type { LoginCredential } from './route.ts';

/** `undecided`: nobody can know now (no answer, a temporary failure, an unknown text). Only a clear word is `refused`. */
export type LoginVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: Reason }
  | { readonly kind: 'undecided'; readonly reason: Reason };

export type ProbeResult = { readonly kind: 'answered'; readonly elapsedMs: number } | { readonly kind: 'failed'; readonly reason: Reason };

/** How one kind of path is spoken. `probe` and `verify` never reject; all end when `signal` aborts. */
export interface Upstream {
  /** Connect, TLS, banner or first page; no log-in. */
  probe(path: Path, signal: AbortSignal): Promise<ProbeResult>;
  /** One log-in, ended again at once. */
  verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict>;
  /**
   * Logs in to read (and to change what was changed here). Absent: this kind only sends. Rejects with a MailError that has a `reason`; kind `auth`: the
   * log-in was refused in clear words. The session is the caller's to close; it outlives `signal`, which bounds the log-in alone.
   */
  open?(path: Path, credential: () => Promise<LoginCredential | undefined>, signal: AbortSignal): Promise<IncomingSession>;
}
