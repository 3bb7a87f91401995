import type { AccountId, SubmissionId } from '@stopgap/core';
import type { RecipientState } from './recipients.ts';
import type { Reader } from './tx.ts';

export interface QueueFilter {
  readonly account?: AccountId;
  /** `held` is a flag beside the state, but people ask for it as if it were one. */
  readonly state?: RecipientState | 'held';
  readonly limit: number;
  /** Continue after this one of an earlier page. */
  readonly after?: { readonly acceptedAtMs: number; readonly id: SubmissionId };
}

/** Submissions, oldest first, with a recipient that matches; without a state: those that are not final. Keyset paging. */
export function listQueue(reader: Reader, filter: QueueFilter): SubmissionId[] {
  const after = filter.after ?? { acceptedAtMs: -1, id: '' };
  const states = filter.state === undefined || filter.state === 'held' ? ['queued', 'leased', 'unsure'] : [filter.state];
  const onlyOpen = states.every((state) => state === 'queued' || state === 'leased' || state === 'unsure');
  return reader
    .all<{ id: SubmissionId }>(
      `SELECT id FROM submission s WHERE (accepted_at_ms, id) > (?, ?) AND (? IS NULL OR account_id = ?) AND (? = 0 OR final_at_ms IS NULL)
         AND EXISTS (SELECT 1 FROM recipient r WHERE r.submission_id = s.id AND (? = 0 OR r.held = 1)
           AND r.state IN (SELECT value FROM json_each(?)))
       ORDER BY accepted_at_ms, id LIMIT ?`,
      after.acceptedAtMs,
      after.id,
      filter.account ?? null,
      filter.account ?? null,
      onlyOpen ? 1 : 0,
      filter.state === 'held' ? 1 : 0,
      JSON.stringify(states),
      filter.limit,
    )
    .map((row) => row.id);
}

/** Recipients that wait (under way included), whose end is unknown, and that are held. */
export interface QueueCounts {
  readonly waiting: number;
  readonly unsure: number;
  readonly held: number;
}

/** Each count walks one partial index: milliseconds at 300,000 waiting. */
export function countQueue(reader: Reader): QueueCounts {
  const count = (condition: string) => reader.get<{ n: number }>(`SELECT count(*) AS n FROM recipient WHERE ${condition}`)?.n ?? 0;
  return {
    waiting: count(`state = 'queued' AND held = 0`) + count(`state = 'leased'`),
    unsure: count(`state = 'unsure'`),
    held: count('held = 1'),
  };
}
