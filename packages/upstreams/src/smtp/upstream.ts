import type { LoginCredential, LoginVerdict, Path, ProbeResult, Reason, Upstream } from '@stopgap/core';
import type { Guard } from '../net/guard.ts';
import { SmtpConnection } from './connection.ts';
import { deferredBy } from './failure.ts';
import { DEFAULT_SMTP_TIMEOUTS } from './timeouts.ts';

/** RFC 4954 6: 535 with 5.7.8; without a status, or with one that says no more, in old servers; 5.7.3 in Exchange. */
const CREDENTIAL_STATUS: ReadonlySet<string> = new Set(['', '5.7.0', '5.7.3', '5.7.8']);
const FOR_NOW_TEXT = /temporar|try (?:again )?later|maintenance/i;

/** Probes and log-in checks of submission servers; a smarthost is one. */
export function createSmtpUpstream(options: { readonly guard: Guard; readonly heloName: string }): Upstream {
  const withConnection = async (
    path: Path,
    signal: AbortSignal,
    use: (connection: SmtpConnection) => Promise<void>,
  ): Promise<Reason | undefined> => {
    if (path.kind !== 'smtp' && path.kind !== 'smarthost') return { class: 'internal', text: `${path.id} is not spoken in SMTP` };
    let connection: SmtpConnection | undefined;
    try {
      connection = await SmtpConnection.open({ path, timeouts: DEFAULT_SMTP_TIMEOUTS, ...options }, signal);
      const stopWatching = connection.endOn(signal);
      await use(connection).finally(stopWatching);
      connection.quit();
      return undefined;
    } catch (error) {
      connection?.destroy();
      return deferredBy(error, path.host).reason;
    }
  };
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      const startedMs = performance.now();
      const reason = await withConnection(path, signal, async () => undefined);
      return reason ? { kind: 'failed', reason } : { kind: 'answered', elapsedMs: performance.now() - startedMs };
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      const reason = await withConnection(path, signal, (connection) => connection.logIn(credential));
      if (!reason) return { kind: 'accepted' };
      return { kind: isAboutCredential(reason) ? 'refused' : 'undecided', reason };
    },
  };
}

/** Everything else speaks of the server, and so does a 535 whose words contradict it. */
function isAboutCredential({ class: reasonClass, code, status = '', text }: Reason): boolean {
  return reasonClass === 'auth' && code === 535 && CREDENTIAL_STATUS.has(status) && !FOR_NOW_TEXT.test(text);
}
