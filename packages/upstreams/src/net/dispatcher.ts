import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Guard } from './guard.ts';

/** Header bytes of one answer; webmail cookies of some products reach 3 KB each. */
const LONGEST_HEADERS = 64 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 30_000;

export interface GuardedDispatcherOptions {
  readonly guard: Guard;
  /** PEM text of further certificate authorities. */
  readonly ca?: string | undefined;
  /** Connections per origin. */
  readonly connections?: number;
}

/**
 * An undici dispatcher under the guard. The check happens where the connection is made, so every hop of every redirect passes it; a check of
 * the URL's text would not. The caller closes it.
 */
export function guardedDispatcher(options: GuardedDispatcherOptions): Dispatcher {
  const { guard } = options;
  const connector = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: guard.lookup,
    secureContext: guard.trust(options.ca),
    allowH2: false,
  });
  return new Agent({
    connect(target, done) {
      try {
        guard.checkLiteral(target.hostname);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), null);
        return;
      }
      connector(target, done);
    },
    connections: options.connections ?? null,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: LONGEST_HEADERS,
  });
}
