import {
  messageOf,
  type Clock,
  type IncomingSession,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type ProbeResult,
  type Reason,
  type Upstream,
  type UrlPath,
} from '@stopgap/core';
import { guardedDispatcher } from '../net/dispatcher.ts';
import type { Guard } from '../net/guard.ts';
import { hasCode, reasonOf } from './errors.ts';
import { SOURCES_AT_ONCE } from './fetch.ts';
import { incomingError } from './incoming-error.ts';
import { RoundcubeIncoming } from './incoming.ts';
import { openLoginPage } from './login.ts';
import { RoundcubeSession } from './session.ts';
import { Web } from './web.ts';

/** Of one session: raw sources side by side, and beside them an archive under way and a search. */
const CONNECTIONS = SOURCES_AT_ONCE + 2;

export interface RoundcubeUpstreamOptions {
  readonly guard: Guard;
  readonly clock: Clock;
}

export function createRoundcubeUpstream(options: RoundcubeUpstreamOptions): Required<Upstream> {
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      const begin = performance.now();
      const result = await attempt(path, options.guard, async (base, dispatcher) => {
        await openLoginPage(new Web(base, dispatcher), base, signal);
      });
      if (result !== undefined) return { kind: 'failed', reason: reasonOfFailure(result, path) };
      return { kind: 'answered', elapsedMs: performance.now() - begin };
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      const failure = await attempt(path, options.guard, async (base, dispatcher) => {
        const session = new RoundcubeSession({ base, dispatcher, nowMs: () => options.clock.nowMs() });
        await session.open(async () => credential, signal);
        await session.close(signal);
      });
      if (failure === undefined) return { kind: 'accepted' };
      return { kind: hasCode(failure, 'login-refused') ? 'refused' : 'undecided', reason: reasonOfFailure(failure, path) };
    },
    async open(path, credential, signal): Promise<IncomingSession> {
      if (path.kind !== 'roundcube') throw incomingError(new Error(`a path of kind ${path.kind} is not a webmail`));
      const dispatcher = guardedDispatcher({ guard: options.guard, ca: path.ca, connections: CONNECTIONS });
      try {
        const session = new RoundcubeSession({ base: roundcubeBase(path), dispatcher, nowMs: () => options.clock.nowMs() });
        await session.open(credential, signal);
        return new RoundcubeIncoming(session, () => dispatcher.destroy());
      } catch (error) {
        await dispatcher.destroy();
        throw incomingError(error);
      }
    },
  };
}

/** What went wrong; undefined: nothing. */
async function attempt(
  path: Path,
  guard: Guard,
  work: (base: URL, dispatcher: ReturnType<typeof guardedDispatcher>) => Promise<void>,
): Promise<unknown> {
  if (path.kind !== 'roundcube') return new Error(`a path of kind ${path.kind} is not a webmail`);
  const dispatcher = guardedDispatcher({ guard, ca: path.ca, connections: 1 });
  try {
    await work(roundcubeBase(path), dispatcher);
    return undefined;
  } catch (error) {
    return error ?? new Error('unknown');
  } finally {
    await dispatcher.destroy();
  }
}

export function roundcubeBase(path: Pick<UrlPath, 'url'>): URL {
  return new URL(path.url);
}

function reasonOfFailure(error: unknown, path: Path): Reason {
  const reason = reasonOf(error);
  return reason.class === 'internal' ? { class: 'internal', text: `${path.id}: ${messageOf(error)}` } : reason;
}
