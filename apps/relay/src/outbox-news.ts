import type { AccountId } from '@stopgap/core';
import type { MailEvents } from '@stopgap/log';

/** The queue's part of the mail log; each line of it is news for who looks at that account's outbox. */
type OutboxWords = Pick<
  MailEvents,
  'attempted' | 'delivered' | 'deferred' | 'rejected' | 'unsure' | 'resolved' | 'expired' | 'noticed' | 'decided' | 'queueDepth'
>;

export function withNews(events: MailEvents, changed: (account: AccountId) => void): OutboxWords {
  const told =
    <Event extends { readonly account?: AccountId }>(tell: (event: Event) => void) =>
    (event: Event): void => {
      tell(event);
      if (event.account !== undefined) changed(event.account);
    };
  return {
    attempted: told((event) => events.attempted(event)),
    delivered: told((event) => events.delivered(event)),
    deferred: told((event) => events.deferred(event)),
    rejected: told((event) => events.rejected(event)),
    unsure: told((event) => events.unsure(event)),
    resolved: told((event) => events.resolved(event)),
    expired: told((event) => events.expired(event)),
    noticed: told((event) => events.noticed(event)),
    decided: told((event) => events.decided(event)),
    queueDepth: (counts) => events.queueDepth(counts),
  };
}
