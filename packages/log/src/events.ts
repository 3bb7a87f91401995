import type { AccountId, Decision, Outage, PathHealth, PathId, PathState, Reason, SubmissionId } from '@stopgap/core';
import type { Registry } from 'prom-client';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** One recipient of one submission. */
interface AboutRecipient {
  readonly id: SubmissionId;
  readonly account: AccountId;
  readonly to: string;
}

interface AboutOutcome extends AboutRecipient {
  readonly from: string;
  readonly route: PathId;
  readonly elapsedMs: number;
}

/** An account's mirror on one path. */
interface AboutMirror {
  readonly account: AccountId;
  readonly path: PathId;
}

/** The mail log: one function for each event, one line with stable fields, its metric beside it. Addresses stand here and nowhere else; subjects and bodies never. */
export interface MailEvents {
  readonly registry: Registry;
  accepted(event: {
    readonly id: SubmissionId;
    readonly account: AccountId;
    readonly from: string;
    readonly recipients: number;
    readonly sizeBytes: number;
    readonly messageId: string;
    readonly remoteAddress: string;
    readonly repeated: boolean;
  }): void;
  /** A door did not take a message. `error`: the fault was ours. */
  refused(event: {
    readonly account?: AccountId;
    readonly from: string;
    readonly code: number;
    readonly reply: string;
    readonly remoteAddress: string;
    readonly error?: unknown;
  }): void;
  loggedIn(event: {
    readonly door: string;
    readonly address: string;
    readonly remoteAddress: string;
    readonly result: string;
    readonly isNew: boolean;
  }): void;
  attempted(event: { readonly id: SubmissionId; readonly account: AccountId; readonly route: PathId; readonly recipients: number }): void;
  delivered(event: AboutOutcome & { readonly waitedMs: number; readonly reply: string }): void;
  deferred(event: AboutOutcome & { readonly reason: Reason }): void;
  rejected(event: AboutOutcome & { readonly reason: Reason }): void;
  unsure(event: AboutOutcome & { readonly reason: Reason }): void;
  resolved(
    event: AboutRecipient & { readonly route: PathId; readonly as: 'delivered' | 'resend'; readonly by: 'witness' | 'policy' },
  ): void;
  expired(event: AboutRecipient & { readonly from: string; readonly reason: Reason }): void;
  /** A notice to the sender was made, and waits as submission `id`. */
  noticed(event: {
    readonly id: SubmissionId;
    readonly about: SubmissionId;
    readonly account: AccountId;
    readonly to: string;
    readonly kind: string;
    readonly recipients: number;
  }): void;
  /** A person's decision by a command. Without an `id`: about everything that waited. */
  decided(event: {
    readonly id?: SubmissionId;
    readonly account?: AccountId;
    readonly decision: Decision;
    readonly recipients: number;
    readonly at: string;
  }): void;
  queueDepth(counts: { readonly waiting: number; readonly unsure: number; readonly held: number }): void;
  /** A batch of messages is here. `isNew`: so many of them were not known by another path before. */
  mirrored(event: AboutMirror & { readonly messages: number; readonly isNew: number; readonly sizeBytes: number }): void;
  /** How far a mailbox is that is fetched for the first time, or of which much was missing. `leftS`: about so much longer; null: nobody can say. */
  caughtUp(
    event: AboutMirror & {
      readonly state: 'begun' | 'under way' | 'done';
      readonly messages: number;
      readonly total: number;
      readonly ratePerS: number;
      readonly leftS: number | null;
    },
  ): void;
  carriedBack(event: AboutMirror & { readonly kind: string; readonly intents: number }): void;
  /** For good: it will not be tried again. */
  notCarriedBack(event: AboutMirror & { readonly kind: string; readonly intents: number; readonly reason: Reason }): void;
  /** So much vanished upstream that nothing is deleted here until a person says so. */
  deletionsHeld(event: AboutMirror & { readonly mailbox: string; readonly gone: number; readonly of: number }): void;
  /** Deleted messages are back, as an operator asked for; `refused`: they can not be. */
  restored(event: { readonly account: AccountId; readonly restored: number; readonly refused: number }): void;
  pathSwitched(event: { readonly account: AccountId; readonly from: PathId | undefined; readonly to: PathId }): void;
  /** How far all mirrors together are: for whoever reads the metrics now. Nothing is logged. */
  mirrorsFound(counts: {
    readonly accounts: Readonly<Record<string, number>>;
    readonly messages: number;
    readonly total: number;
    readonly intents: number;
  }): void;
  pathMoved(health: PathHealth, before: PathState): void;
  /** What is known of every path at the start: one that does not move would else be missing from the metrics. */
  pathsFound(paths: readonly PathHealth[]): void;
  outageStarted(outage: Outage): void;
  outageEnded(outage: Outage): void;
}

export function createMailEvents({ log }: { readonly log: Log }): MailEvents {
  const metrics = createMetrics();
  const mail = log.child({ scope: 'mail' });
  const outcome = (name: string, event: AboutOutcome & { readonly reason: Reason }) => {
    const { reason, ...fields } = event;
    metrics.outcomes.inc({ outcome: name, route: event.route, class: reason.class });
    mail.info(name, { ...fields, class: reason.class, reason: reason.text });
  };
  return {
    registry: metrics.registry,
    accepted(event) {
      metrics.accepted.inc({ repeated: String(event.repeated) });
      mail.info('accepted', event);
    },
    refused(event) {
      metrics.refused.inc({ code: event.code });
      if (event.error === undefined) mail.info('refused', event);
      else mail.error('refused', event);
    },
    loggedIn(event) {
      metrics.logins.inc({ door: event.door, result: event.result });
      mail.info(event.result === 'accepted' ? 'logged in' : 'not logged in', event);
    },
    attempted(event) {
      metrics.attempts.inc({ route: event.route });
      mail.debug('attempted', event);
    },
    delivered(event) {
      metrics.outcomes.inc({ outcome: 'delivered', route: event.route, class: '' });
      metrics.waited.observe(event.waitedMs / 1000);
      mail.info('delivered', event);
    },
    deferred: (event) => outcome('deferred', event),
    rejected: (event) => outcome('rejected', event),
    unsure: (event) => outcome('unsure', event),
    resolved(event) {
      metrics.outcomes.inc({ outcome: `unsure-${event.as}`, route: event.route, class: event.by });
      mail.info('resolved', event);
    },
    expired(event) {
      const { reason, ...fields } = event;
      metrics.outcomes.inc({ outcome: 'expired', route: '', class: reason.class });
      mail.info('expired', { ...fields, reason: reason.text });
    },
    noticed(event) {
      metrics.notices.inc({ kind: event.kind });
      mail.info('notice made', event);
    },
    decided(event) {
      metrics.decisions.inc({ decision: event.decision });
      mail.info('decided', event);
    },
    queueDepth(counts) {
      for (const [state, count] of Object.entries(counts)) metrics.queue.set({ state }, count);
    },
    mirrored(event) {
      metrics.mirrored.inc({ path: event.path }, event.messages);
      metrics.mirroredBytes.inc({ path: event.path }, event.sizeBytes);
      mail.debug('mirrored', event);
    },
    caughtUp({ state, ...event }) {
      if (state !== 'under way') metrics.catchUps.inc({ path: event.path, state });
      mail.info(`catching up ${state}`, event);
    },
    carriedBack(event) {
      metrics.carriedBack.inc({ path: event.path, kind: event.kind, outcome: 'done' }, event.intents);
      mail.info('carried back', event);
    },
    notCarriedBack(event) {
      const { reason, ...fields } = event;
      metrics.carriedBack.inc({ path: event.path, kind: event.kind, outcome: 'failed' }, event.intents);
      mail.warn('not carried back', { ...fields, class: reason.class, reason: reason.text });
    },
    deletionsHeld(event) {
      metrics.deletionsHeld.inc({ path: event.path });
      mail.warn('deletions held', event);
    },
    restored(event) {
      metrics.restored.inc(event.restored);
      mail.info('restored', event);
    },
    pathSwitched(event) {
      metrics.pathSwitches.inc({ path: event.to });
      mail.info('path switched', event);
    },
    mirrorsFound({ accounts, messages, total, intents }) {
      // A state that nobody is in any more goes away with its last account.
      metrics.mirrorAccounts.reset();
      for (const [state, count] of Object.entries(accounts)) metrics.mirrorAccounts.set({ state }, count);
      metrics.mirrorMessages.set({ where: 'here' }, messages);
      metrics.mirrorMessages.set({ where: 'total' }, total);
      metrics.mirrorIntents.set(intents);
    },
    pathMoved(health, before) {
      showPath(metrics, health);
      mail.info('path moved', {
        path: health.path,
        from: before,
        to: health.state,
        ...(health.reason ? { class: health.reason.class, reason: health.reason.text } : {}),
      });
    },
    pathsFound(paths) {
      for (const health of paths) showPath(metrics, health);
    },
    outageStarted(outage) {
      metrics.outages.inc({ path: outage.path, class: outage.reason.class });
      mail.warn('outage began', {
        path: outage.path,
        since: new Date(outage.startMs).toISOString(),
        class: outage.reason.class,
        reason: outage.reason.text,
      });
    },
    outageEnded(outage) {
      mail.info('outage ended', { path: outage.path, since: new Date(outage.startMs).toISOString() });
    },
  };
}

const HOW_MUCH_UP = { up: 1, impaired: 0.5, down: 0, unknown: undefined } as const satisfies Record<PathState, number | undefined>;

/** A path that nobody has seen yet is neither up nor down: it has no `stopgap_path_up`, so nobody is called for it. */
function showPath(metrics: Metrics, { path, state }: PathHealth): void {
  for (const one of Object.keys(HOW_MUCH_UP)) metrics.pathState.set({ path, state: one }, one === state ? 1 : 0);
  const up = HOW_MUCH_UP[state];
  if (up === undefined) metrics.pathUp.remove({ path });
  else metrics.pathUp.set({ path }, up);
}
