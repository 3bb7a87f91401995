import { parseAddress, type Path, type Provider } from '@stopgap/core';
import type { Config } from '@stopgap/config';
import type { QueueEntry } from '@stopgap/outbox';
import { loadPathHealth, type Reader, type StoredPathHealth } from '@stopgap/store';

/**
 * What came in while every way out was down has met no attempt that could give a reason; without one it would look forgotten.
 * Fills in what it waits for; everything else stays as it is.
 */
export function withWaitingReason<T extends QueueEntry>(entries: readonly T[], config: Config, reader: Reader): T[] {
  const health = new Map(loadPathHealth(reader).map((one) => [one.path, one]));
  const reasons = new Map(config.providers.map((provider) => [provider, reasonOf(provider, health)]));
  return entries.map((entry) => {
    const domain = parseAddress(entry.account)?.domain ?? '';
    const provider = config.providers.find((one) => one.domains.includes(domain));
    const reason = provider && reasons.get(provider);
    if (reason === undefined) return entry;
    const recipients = entry.recipients.map((recipient) =>
      recipient.state === 'queued' && recipient.reason === null && !recipient.held
        ? { ...recipient, reason, reasonClass: 'route' }
        : recipient,
    );
    return { ...entry, recipients };
  });
}

function reasonOf(provider: Provider, health: ReadonlyMap<string, StoredPathHealth>): string | undefined {
  // A smarthost with `after` is no way out yet for what has just come in.
  const paths = provider.outgoing.filter((path) => !('afterMs' in path && path.afterMs));
  if (paths.length === 0 || !paths.every((path) => health.get(path.id)?.state === 'down')) return undefined;
  return `waits until a way out is back: ${paths.map((path) => why(path, health)).join('; ')}`;
}

function why(path: Path, health: ReadonlyMap<string, StoredPathHealth>): string {
  const text = health.get(path.id)?.reason?.text;
  return `${path.kind} is down${text === undefined ? '' : ` (${text})`}`;
}
