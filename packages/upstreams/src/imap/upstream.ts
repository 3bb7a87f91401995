import {
  MailError,
  type IncomingSession,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type ProbeResult,
  type Reason,
  type Upstream,
} from '@stopgap/core';
import { connect } from '../net/connect.ts';
import type { Guard } from '../net/guard.ts';
import { readGreeting } from '../net/greeting.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { imapError } from './errors.ts';
import type { IdleTimes } from './idle.ts';
import { CONNECT_MS, GREETING_MS, logIn } from './login.ts';
import { openImapSession, SESSION_OPTIONS } from './session.ts';

export interface ImapUpstreamOptions {
  readonly guard: Guard;
  /** A server that is silent in the middle of an answer for so long has ended the session. */
  readonly silenceMs?: number;
  readonly idleTimes?: IdleTimes;
}

/** Probes, log-in checks and sessions of IMAP servers. */
export function createImapUpstream({ guard, silenceMs, idleTimes }: ImapUpstreamOptions): Required<Upstream> {
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      if (path.kind !== 'imap') return { kind: 'failed', reason: wrongKind(path) };
      const startedMs = performance.now();
      try {
        const socket = await connect({ ...path, guard, signal, security: path.security === 'tls' ? 'tls' : 'none', timeoutMs: CONNECT_MS });
        const line = await readGreeting(socket, signal, GREETING_MS);
        if (/^\* (?:OK|PREAUTH)\b/i.test(line)) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
        return { kind: 'failed', reason: { class: 'connect', text: `${path.host} greeted with: ${line}`, host: path.host } };
      } catch (error) {
        return { kind: 'failed', reason: reasonOfNetworkError(error, path.host) };
      }
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      if (path.kind !== 'imap') return { kind: 'undecided', reason: wrongKind(path) };
      const { verdict, client } = await logIn({ path, credential, guard, signal, options: { verifyOnly: true } });
      client?.close();
      return verdict;
    },
    async open(path: Path, credential: () => Promise<LoginCredential | undefined>, signal: AbortSignal): Promise<IncomingSession> {
      if (path.kind !== 'imap') throw withReason('bug', 'wrong-kind', wrongKind(path));
      const opened = await credential();
      if (opened === undefined) {
        throw withReason('auth', 'no-credential', { class: 'auth', text: 'this account has no credential that can be opened' });
      }
      const { verdict, client } = await logIn({
        path,
        credential: opened,
        guard,
        signal,
        options: { ...SESSION_OPTIONS, ...(silenceMs === undefined ? {} : { socketTimeout: silenceMs }) },
      });
      if (verdict.kind === 'refused') throw withReason('auth', 'login-refused', verdict.reason);
      if (verdict.kind === 'undecided') throw withReason('transient', signal.aborted ? 'cancelled' : 'login-undecided', verdict.reason);
      if (client === undefined) throw imapError('bug', 'no-client', 'a log-in was accepted without a client', { class: 'internal' });
      return openImapSession(client, { host: path.host, signal, idleTimes });
    },
  };
}

function withReason(kind: MailError['kind'], code: string, reason: Reason): MailError {
  return new MailError(kind, reason.text, { code, reason });
}

function wrongKind(path: Path): Reason {
  return { class: 'internal', text: `${path.id} is not spoken in IMAP` };
}
