import { asId, MailError, type MessageId } from '@stopgap/core';
import { envelopeLook } from '@stopgap/mailbox';
import type { SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import type { SearchFound } from '../session.ts';
import { matching, type AskedCriteria, type Rows } from './criteria.ts';
import { textLook } from './text-look.ts';
import type { Waiting } from './waiting-mailbox.ts';
import type { WaitingMessage } from './waiting-mail.ts';

/** Few wait: each is read as often as it is asked about, one at a time. */
export async function searchWaiting(waiting: Waiting, criteria: SearchCriteria, signal: AbortSignal): Promise<SearchFound> {
  const { mail, account } = waiting;
  const { messages } = mail.look(account);
  const byId = new Map(messages.map((message) => [asId.message(message.uid), message]));
  const ofRows = (rows: Rows) =>
    rows.flatMap(({ id }) => {
      if (signal.aborted) throw givenUp();
      const message = byId.get(id);
      return message ? [{ id, message }] : [];
    });
  const found = await matching(criteria, messages.map(searchRow), {
    async datesOf(rows) {
      const dates = new Map<MessageId, string>();
      for (const { id, message } of ofRows(rows)) {
        const { date } = (await mail.digestOf(message)).envelope;
        if (date !== undefined) dates.set(id, date);
      }
      return dates;
    },
    async asked(one, rows) {
      const held = new Set<MessageId>();
      for (const { id, message } of ofRows(rows)) if (await holds(waiting, one, message)) held.add(id);
      return held;
    },
  });
  return { uids: [...byId].filter(([id]) => found.has(id)).map(([, { uid }]) => uid), isComplete: true };
}

async function holds({ mail, deps }: Waiting, criteria: AskedCriteria, message: WaitingMessage): Promise<boolean> {
  const look = envelopeLook(criteria.kind === 'header' ? criteria.name : criteria.field, criteria.value);
  if (look) return look((await mail.digestOf(message)).envelope);
  if (criteria.kind === 'text' && criteria.value === '') return true;
  return await textLook(criteria).pieces(deps.store.blobs.open(message.blob));
}

function searchRow({ uid, flags, modSeq, acceptedAtMs, blob }: WaitingMessage): SearchRow {
  const row = { id: asId.message(uid), uid, flags, modSeq, receivedAtMs: acceptedAtMs, sentAtMs: null, savedAtMs: acceptedAtMs };
  return { ...row, sizeBytes: blob.sizeBytes, thread: asId.thread(0), original: asId.message(uid) };
}

function givenUp(): MailError {
  return new MailError('transient', 'The search was given up.', { code: 'search-failed', reply: 'the search was given up' });
}
