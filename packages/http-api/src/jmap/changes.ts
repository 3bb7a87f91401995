import type { ModSeq } from '@stopgap/core';
import type { ChangesArguments } from '@stopgap/jmap';
import type { Changes } from '@stopgap/mailbox';
import { MethodError } from './method-error.ts';
import type { CallContext, Json } from './method.ts';
import { modSeqOf } from './states.ts';

export interface ChangedIds {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
}

/** @throws MethodError cannotCalculateChanges */
export function mailChanges(since: ModSeq, { deps, account }: Pick<CallContext, 'deps' | 'account'>): Changes {
  const changes = deps.mailboxes.changes(account, since);
  if (changes === 'forgotten') throw new MethodError('cannotCalculateChanges', 'That is too long ago.');
  return changes;
}

/**
 * RFC 8620 5.2. All or nothing: an intermediate state can not be told rightly from rows as they are now, and the RFC's answer to that is
 * cannotCalculateChanges. Without `maxChanges` up to 100,000 ids are told.
 */
export function changesMethod(
  { sinceState, maxChanges }: ChangesArguments,
  context: CallContext,
  idsOf: (changes: Changes, since: ModSeq) => ChangedIds & { readonly more?: Json },
): Json {
  const since = modSeqOf(sinceState);
  const changes = mailChanges(since, context);
  const { more, ...ids } = idsOf(changes, since);
  const count = ids.created.length + ids.updated.length + ids.destroyed.length;
  if (maxChanges !== null && maxChanges !== undefined && count > maxChanges) {
    throw new MethodError('cannotCalculateChanges', 'There are more changes than that, and they are told at once or not at all.');
  }
  return { oldState: sinceState, newState: String(changes.modSeq), hasMoreChanges: false, ...ids, ...more };
}
