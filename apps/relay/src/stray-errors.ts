import type { Log } from '@stopgap/log';

/** More than that in a minute is no stray any more: the process ends, and whoever started it starts it anew. */
const PER_MINUTE = 20;

/**
 * One error in one listener (a socket that fails after it was destroyed) must not take all doors down. What was accepted is on disk and every
 * attempt has its lease, so living on risks nothing that a restart would save.
 * @returns how to undo it
 */
export function surviveStrayErrors(log: Log): () => void {
  let recentMs: number[] = [];
  const onError = (error: unknown) => {
    const nowMs = performance.now();
    recentMs = [...recentMs.filter((atMs) => nowMs - atMs < 60_000), nowMs];
    log.error('an error nobody caught; the relay goes on', { error });
    if (recentMs.length > PER_MINUTE) {
      log.error('too many of them: the relay ends');
      log.flush();
      process.exit(1);
    }
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return () => {
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
  };
}
