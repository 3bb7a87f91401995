import type { DeliveryJob, HostPath, Route } from '@stopgap/core';
import type { Guard, SmtpTimeouts } from '@stopgap/upstreams';
import { SmtpPool } from './smtp-pool.ts';

export interface SmtpRouteOptions {
  readonly path: HostPath;
  readonly guard: Guard;
  readonly heloName: string;
  readonly timeouts?: SmtpTimeouts;
}

/** The provider's own submission server, with each account's own log-in. It has no witness: nothing there can be asked what became of a message. */
export function createSmtpRoute(options: SmtpRouteOptions): Route {
  const pool = new SmtpPool(options);
  return {
    deliver: (job: DeliveryJob, signal: AbortSignal) => pool.deliver(job, { key: job.account, credential: () => job.credential() }, signal),
    close: async () => pool.close(),
  };
}
