import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startLab, until, type Lab } from '../lab/index.ts';
import type { Target } from './driver.ts';

const SETTLE_LIMIT_MS = 120_000;

export interface QueueingPostfix extends AsyncDisposable {
  readonly lab: Lab;
  readonly target: Target;
  /** Resolves when everything it has taken lies in its deferred queue. */
  settled(): Promise<void>;
}

/**
 * The peer: the lab's Postfix on the same disk, which queues and does not deliver (`defer_transports`); log-in at its submission port through the lab's
 * Dovecot. What the lab hastens for its tests has Postfix's own defaults again.
 */
export async function startQueueingPostfix(): Promise<QueueingPostfix> {
  const lab = await startLab({ parts: ['dovecot', 'postfix'], users: ['alice'] });
  await lab.postconf({ ...UNHURRIED, defer_transports: 'smtp' });
  const spool = join(lab.dir, 'postfix', 'spool');
  return {
    lab,
    target: { port: lab.ports.submission, address: lab.address('alice'), password: lab.password('alice') },
    settled: async () => {
      const isEmpty = (queue: string) => readdirSync(join(spool, queue)).length === 0;
      await until('Postfix has deferred its mail', () => isEmpty('incoming') && isEmpty('active'), SETTLE_LIMIT_MS);
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** Lets it deliver what it has, with so many connections; without the connection cache, as it is faster here (about a third). */
export async function letPostfixDeliver(lab: Lab, connections: number): Promise<void> {
  await lab.postconf({
    defer_transports: '',
    default_destination_concurrency_limit: String(connections),
    smtp_connection_cache_on_demand: 'no',
  });
  await lab.flushQueue();
}

const UNHURRIED = {
  queue_run_delay: '300s',
  minimal_backoff_time: '300s',
  maximal_backoff_time: '4000s',
  service_throttle_time: '60s',
  maximal_queue_lifetime: '5d',
};
