import type { LoginCredential, LoginVerdict, Path, ProbeResult, Reason, Upstream } from '@stopgap/core';
import type { Guard } from '../net/guard.ts';
import { SmtpConnection } from './connection.ts';
import { deferredBy } from './failure.ts';
import { DEFAULT_SMTP_TIMEOUTS } from './timeouts.ts';

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
      // RFC 4954 6: 535 and 5.7.8 speak of the credential; everything else of the server.
      const isRefused =
        reason.class === 'auth' &&
        reason.code === 535 &&
        (reason.status === undefined || reason.status === '5.7.8' || reason.status === '5.7.0');
      return { kind: isRefused ? 'refused' : 'undecided', reason };
    },
  };
}
