import { messageOf, outcomeForAll, type DeliveryJob, type Outcome, type Reason, type Route, type SmarthostPath } from '@stopgap/core';
import type { Guard, SmtpTimeouts } from '@stopgap/upstreams';
import { domainOf, type Alignment } from './alignment.ts';
import { authorOf, readHead, withAlternateFrom } from './alternate-from.ts';
import { SmtpPool, type PoolUse } from './smtp-pool.ts';

export interface SmarthostRouteOptions {
  readonly path: SmarthostPath;
  readonly guard: Guard;
  readonly heloName: string;
  readonly alignment: Alignment;
  readonly timeouts?: SmtpTimeouts;
}

/** What an alternate From adds to the header, at most; only the SIZE that is announced depends on it. */
const ALTERNATE_FROM_BYTES = 1024;

/** Somebody else's server, with the operator's log-in, behind the alignment gate. It has no witness. */
export function createSmarthostRoute(options: SmarthostRouteOptions): Route {
  const { path, alignment } = options;
  const pool = new SmtpPool(options);
  const { username, password } = path;
  const login: PoolUse = {
    key: path.id,
    credential: username === undefined || password === undefined ? 'none' : async () => ({ username, password }),
  };
  return {
    async deliver(job: DeliveryJob, signal: AbortSignal) {
      let use: PoolUse | Reason;
      try {
        use = await unlessAborted(passGate(job, { path, alignment, login }), signal);
      } catch (error) {
        use = { class: 'internal', text: `the message could not be looked at: ${messageOf(error)}` };
      }
      if ('class' in use) return outcomeForAll(job.recipients, deferred(use));
      return pool.deliver(job, use, signal);
    },
    close: async () => pool.close(),
  };
}

/** Look-ups have no signal: the gate is left standing, and what it says is not waited for. */
async function unlessAborted(gate: Promise<PoolUse | Reason>, signal: AbortSignal): Promise<PoolUse | Reason> {
  const cancelled: Reason = { class: 'cancelled', text: 'the attempt was broken off' };
  if (signal.aborted) return gate.catch(() => cancelled).then(() => cancelled);
  const { promise, resolve } = Promise.withResolvers<Reason>();
  const onAbort = () => resolve(cancelled);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([gate, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** How the job may be sent by this route, or why it may not. */
async function passGate(
  job: DeliveryJob,
  { path, alignment, login }: { readonly path: SmarthostPath; readonly alignment: Alignment; readonly login: PoolUse },
): Promise<PoolUse | Reason> {
  // A notice of ours comes from our own name; no policy of the sender's domain speaks of it.
  if (job.envelope.from === '') return login;
  const head = await readHead(job.open());
  await head.more.return?.();
  const author = authorOf(head.fields);
  if (author === undefined)
    return { class: 'route', text: 'The message has no single author address, so nobody can tell whether another server may send it.' };
  const verdict = await alignment.check({ authorDomain: domainOf(author), sender: job.envelope.from, smarthost: path.host });
  switch (verdict.kind) {
    case 'may-leave':
      return login;
    case 'unknown':
      // Transient, and our own fault: neither the message nor the smarthost is to blame.
      return { class: 'internal', text: `Waits, because ${verdict.why}.` };
    case 'would-be-refused': {
      const { alternateFrom } = path;
      if (alternateFrom === undefined) return { class: 'route', text: `${verdict.why}. It waits for the provider's own way out.` };
      return {
        ...login,
        from: alternateFrom,
        sizeBytes: job.sizeBytes + ALTERNATE_FROM_BYTES,
        open: async function* alternate() {
          yield* withAlternateFrom(await readHead(job.open()), alternateFrom);
        },
      };
    }
  }
}

function deferred(reason: Reason): Outcome {
  return { kind: 'deferred', reason };
}
