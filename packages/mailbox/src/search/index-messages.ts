/* What the search worker is told and what it answers. Plain data: it crosses to another thread. */
import type { AccountId, MessageId, ModSeq } from '@stopgap/core';
import type { IndexedMessage } from '../indexed-message.ts';

/** `text`: all of the others together. */
export type TextField = 'text' | 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'body' | 'names';

export type TextTree =
  | { readonly kind: 'text'; readonly field: TextField; readonly value: string }
  | { readonly kind: 'any' | 'all'; readonly of: readonly TextTree[] };

export type IndexRequest =
  /** In one transaction. `through`: everything of the account up to this change is in the index afterwards. */
  | {
      readonly kind: 'feed';
      readonly account: AccountId;
      readonly messages: readonly IndexedMessage[];
      /** A copy and what it is a copy of, which must be in the index. */
      readonly copies: readonly (readonly [MessageId, MessageId])[];
      readonly through?: ModSeq;
    }
  /** Up to which change the index is complete; 0: it knows nothing. */
  | { readonly kind: 'mark'; readonly account: AccountId }
  /** Those of the messages that are not in it, or with another content. */
  | { readonly kind: 'missing'; readonly account: AccountId; readonly messages: readonly IndexedContent[] }
  /** Newest first, from a document on. */
  | { readonly kind: 'match'; readonly account: AccountId; readonly tree: TextTree; readonly from?: number; readonly limit: number }
  /** Those of the messages that match. */
  | { readonly kind: 'filter'; readonly account: AccountId; readonly tree: TextTree; readonly ids: readonly MessageId[] }
  | { readonly kind: 'remove'; readonly account: AccountId; readonly ids: readonly MessageId[] }
  | { readonly kind: 'erase'; readonly account: AccountId };

export type IndexedContent = Pick<IndexedMessage, 'id' | 'content'>;

export interface MatchHit {
  readonly doc: number;
  readonly id: MessageId;
}

export interface MatchAnswer {
  /** By document and id, greatest first. */
  readonly hits: readonly MatchHit[];
  /** Go on from this document. Undefined: there are no more. */
  readonly next?: number;
  /** False: the condition stood for more words than are looked for. */
  readonly isAll: boolean;
}

export interface FilterAnswer {
  readonly ids: readonly MessageId[];
  readonly isAll: boolean;
}

export interface IndexAnswers {
  /** False: one of the copies has no text yet. */
  readonly feed: boolean;
  readonly mark: ModSeq;
  readonly missing: readonly MessageId[];
  readonly match: MatchAnswer;
  readonly filter: FilterAnswer;
  readonly remove: undefined;
  readonly erase: undefined;
}

export interface IndexCall {
  readonly number: number;
  readonly request: IndexRequest;
}

export type IndexReply =
  | { readonly number: number; readonly answer: IndexAnswers[keyof IndexAnswers] }
  | { readonly number: number; readonly error: string };
