import {
  MailError,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type PathId,
  type ProbeResult,
  type Reason,
  type Upstream,
} from '@stopgap/core';
import { connect } from '../net/connect.ts';
import { readGreeting } from '../net/greeting.ts';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { Pop3Connection } from './connection.ts';
import { openPop3Session } from './session.ts';

const CONNECT_MS = 30_000;
const ANSWER_MS = 30_000;

/** POP3 servers (RFC 1939, STLS of RFC 2595, capabilities and response codes of RFC 2449 and 3206). */
export function createPop3Upstream({ guard }: { readonly guard: Guard }): Required<Upstream> {
  const doubtfulTops = new Set<PathId>();
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      if (path.kind !== 'pop3') return { kind: 'failed', reason: wrongKind(path) };
      const { host, port, ca } = path;
      const startedMs = performance.now();
      try {
        const security = path.security === 'tls' ? 'tls' : 'none';
        const socket = await connect({ host, port, ca, guard, signal, security, timeoutMs: CONNECT_MS });
        const line = await readGreeting(socket, signal, ANSWER_MS);
        if (line.startsWith('+OK')) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
        return { kind: 'failed', reason: { class: 'connect', text: `${host} greeted with: ${line}`, host } };
      } catch (error) {
        return { kind: 'failed', reason: reasonOfNetworkError(error, host) };
      }
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      if (path.kind !== 'pop3') return { kind: 'undecided', reason: wrongKind(path) };
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS + ANSWER_MS)]);
      let connection: Pop3Connection | undefined;
      try {
        connection = await Pop3Connection.open({ path, guard }, deadline);
        connection.endOn(deadline);
        return await connection.logIn(credential);
      } catch (error) {
        return { kind: 'undecided', reason: reasonOfNetworkError(error, path.host) };
      } finally {
        connection?.leave();
      }
    },
    async open(path, credential, signal) {
      if (path.kind !== 'pop3') throw new MailError('bug', wrongKind(path).text, { code: 'wrong-kind', reason: wrongKind(path) });
      return openPop3Session({ path, guard, credential, doubtfulTops }, signal);
    },
  };
}

function wrongKind(path: Path): Reason {
  return { class: 'internal', text: `${path.id} is not spoken in POP3` };
}
