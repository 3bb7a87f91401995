/* What SEARCH, SORT and THREAD look for (RFC 9051 6.4.4, RFC 3501 6.4.4), with sequence numbers, `$` and `*` already turned into UIDs. */
import type { Flag, ModSeq } from '@stopgap/core';
import type { UidRange } from './session.ts';

/** An empty `all` is every message, an empty `any` none. */
export type SearchCriteria =
  | { readonly kind: 'all' | 'any'; readonly of: readonly SearchCriteria[] }
  | { readonly kind: 'not'; readonly of: SearchCriteria }
  /** Sorted, apart from each other; may name UIDs that are not there. */
  | { readonly kind: 'uid'; readonly ranges: readonly UidRange[] }
  | { readonly kind: 'flag'; readonly flag: Flag }
  /** SUBJECT, FROM, TO, CC, BCC (RFC: of the envelope), BODY, TEXT (header and body). In any case; '' is in all of it. */
  | { readonly kind: 'text'; readonly field: 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'body' | 'text'; readonly value: string }
  /** A header field (name in lower case) that holds this, in any case; '': that there is such a field. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  /**
   * `received` (INTERNALDATE) and `saved` (SAVEDATE): milliseconds, `until` not included; whole days are days of UTC. `sent`: the day that stands written in
   * the Date field, time and zone left out (RFC 9051 6.4.4), given as the midnight of that day in UTC.
   */
  | { readonly kind: 'received' | 'saved' | 'sent'; readonly fromMs?: number; readonly untilMs?: number }
  /** SAVEDATESUPPORTED: a mailbox that keeps save dates. Decided here as "has one". */
  | { readonly kind: 'has-save-date' }
  /** Octets; LARGER 10 is `fromBytes: 11`, SMALLER 10 is `untilBytes: 10`, which is not included. */
  | { readonly kind: 'size'; readonly fromBytes?: number; readonly untilBytes?: number }
  /** Changed at this number or later (RFC 7162 3.1.5: greater than or equal). */
  | { readonly kind: 'modseq'; readonly from: ModSeq }
  | { readonly kind: 'email-id' | 'thread-id'; readonly id: string };
