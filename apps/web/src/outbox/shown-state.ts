import type { OutboxRecipient } from '../api/outbox.ts';

export type ShownState = OutboxRecipient['state'] | 'held';

/** When it leaves, as its sender asked: the relay holds it until then, and nobody else does. What it said of it may be older than that time. */
export function leavesAt({ held, state, nextAttemptAt }: OutboxRecipient): string | undefined {
  return held && state === 'queued' ? (nextAttemptAt ?? undefined) : undefined;
}

export function shownState(recipient: OutboxRecipient): ShownState {
  return recipient.held && recipient.state === 'queued' && leavesAt(recipient) === undefined ? 'held' : recipient.state;
}
