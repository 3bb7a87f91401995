/*
 * What every mailbox shows first. It is asked for as soon as it is known whose it is: on a slow line the client itself may still be on its way.
 */
import type { Http } from '../api/http.ts';
import { createJmap } from '../api/jmap.ts';
import { listPage } from '../api/lists.ts';
import { listMailboxes } from '../api/mailboxes.ts';
import type { Person } from '../offline/who-is-in.ts';
import type { Place } from './place.ts';

/** A query (TanStack) whose first answer is on its way. */
export interface FirstQuery {
  readonly queryKey: readonly unknown[];
  /** What was asked for ahead answers once; whoever asks again, as after a failure, asks anew. */
  readonly queryFn: () => Promise<unknown>;
}

export interface FirstMail {
  /** When it was asked for, as `performance.now()` tells it. */
  readonly askedMs: number;
  readonly queries: readonly FirstQuery[];
}

interface Shown {
  readonly place: Place;
  readonly isCollapsed: boolean;
}

/** Of lists the inbox alone: which one another place is about is known when the mailboxes are. */
export function askFirst({ resource }: Person, http: Http, { place, isCollapsed }: Shown): FirstMail {
  const jmap = createJmap(resource, http);
  const { inboxId } = jmap;
  const askedMs = performance.now();
  const mailboxes = asked(['mailboxes'], () => listMailboxes(jmap));
  if (inboxId === undefined || place.kind !== 'mailbox' || (place.mailboxId ?? inboxId) !== inboxId)
    return { askedMs, queries: [mailboxes] };
  const query = { filter: { inMailbox: inboxId }, isCollapsed };
  return { askedMs, queries: [mailboxes, asked(['list', query, 0], () => listPage(jmap, query, 0))] };
}

function asked(queryKey: readonly unknown[], ask: () => Promise<unknown>): FirstQuery {
  let coming: Promise<unknown> | undefined = ask();
  // Whoever takes it learns of it.
  coming.catch(() => undefined);
  const queryFn = (): Promise<unknown> => {
    const answer = coming ?? ask();
    coming = undefined;
    return answer;
  };
  return { queryKey, queryFn };
}
