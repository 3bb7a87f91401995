import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From a second to the five days after which mail expires. */
const WAIT_BUCKETS_S = [1, 5, 30, 60, 300, 1800, 3600, 14_400, 86_400, 432_000];

export type Metrics = ReturnType<typeof createMetrics>;

/** Labels are of low cardinality: paths, outcomes, doors; never an address. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'stopgap_' });
  const registers = [registry];
  return {
    registry,
    accepted: new Counter({ name: 'stopgap_accepted_total', help: 'Submissions answered 250', labelNames: ['repeated'], registers }),
    refused: new Counter({
      name: 'stopgap_refused_total',
      help: 'Messages refused at a door, by reply code',
      labelNames: ['code'],
      registers,
    }),
    logins: new Counter({ name: 'stopgap_logins_total', help: 'Log-ins by door and result', labelNames: ['door', 'result'], registers }),
    attempts: new Counter({ name: 'stopgap_attempts_total', help: 'Delivery attempts by route', labelNames: ['route'], registers }),
    outcomes: new Counter({
      name: 'stopgap_outcomes_total',
      help: 'Recipients by outcome, route and reason class',
      labelNames: ['outcome', 'route', 'class'],
      registers,
    }),
    notices: new Counter({ name: 'stopgap_notices_total', help: 'Notices (DSN) made for senders', labelNames: ['kind'], registers }),
    decisions: new Counter({
      name: 'stopgap_decisions_total',
      help: 'Decisions by people: stopgap queue retry, hold, release, cancel, resolve',
      labelNames: ['decision'],
      registers,
    }),
    waited: new Histogram({ name: 'stopgap_wait_seconds', help: 'From 250 to delivered', buckets: WAIT_BUCKETS_S, registers }),
    queue: new Gauge({ name: 'stopgap_queue_recipients', help: 'Recipients that have not left', labelNames: ['state'], registers }),
    pathUp: new Gauge({
      name: 'stopgap_path_up',
      help: '1 up, 0.5 impaired, 0 down; missing while unknown',
      labelNames: ['path'],
      registers,
    }),
    pathState: new Gauge({
      name: 'stopgap_path_state',
      help: '1 for the state that the path is in, 0 for the others: up, impaired, down, unknown',
      labelNames: ['path', 'state'],
      registers,
    }),
    mirrored: new Counter({ name: 'stopgap_mirrored_total', help: 'Messages mirrored, by path', labelNames: ['path'], registers }),
    mirroredBytes: new Counter({ name: 'stopgap_mirrored_bytes_total', help: 'Bytes mirrored, by path', labelNames: ['path'], registers }),
    catchUps: new Counter({
      name: 'stopgap_mirror_catch_ups_total',
      help: 'Mailboxes that are fetched for the first time or after much was missed, by path: begun, done (small ones only done)',
      labelNames: ['path', 'state'],
      registers,
    }),
    carriedBack: new Counter({
      name: 'stopgap_carried_back_total',
      help: 'What was done here and told upstream, by path, kind and outcome',
      labelNames: ['path', 'kind', 'outcome'],
      registers,
    }),
    deletionsHeld: new Counter({
      name: 'stopgap_deletions_held_total',
      help: 'Mailboxes whose deletions upstream wait for a person',
      labelNames: ['path'],
      registers,
    }),
    restored: new Counter({ name: 'stopgap_restored_total', help: 'Deleted messages that were brought back', registers }),
    pathSwitches: new Counter({
      name: 'stopgap_mirror_path_switches_total',
      help: 'Accounts whose mirror went on by another path',
      labelNames: ['path'],
      registers,
    }),
    mirrorAccounts: new Gauge({
      name: 'stopgap_mirror_accounts',
      help: 'Mirrored accounts by state: waiting, syncing, idle, held, down, refused',
      labelNames: ['state'],
      registers,
    }),
    mirrorMessages: new Gauge({
      name: 'stopgap_mirror_messages',
      help: 'Messages of all accounts: here, and as the providers showed them (total)',
      labelNames: ['where'],
      registers,
    }),
    mirrorIntents: new Gauge({ name: 'stopgap_mirror_intents', help: 'What was done here and has still to be carried back', registers }),
    outages: new Counter({ name: 'stopgap_outages_total', help: 'Outages begun', labelNames: ['path', 'class'], registers }),
  };
}
