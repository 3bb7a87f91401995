import { asId, MailError, type BlobRef, type MessageId } from '@stopgap/core';
import { findHeaderEnd, MAX_HEADER_BYTES, parseHeader, type MessageDigest } from '@stopgap/message';
import type { SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import type { SearchFound } from '../session.ts';
import { matching, type AskedCriteria, type Rows } from './criteria.ts';
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

async function holds(waiting: Waiting, criteria: AskedCriteria, message: WaitingMessage): Promise<boolean> {
  const value = criteria.value.toLowerCase();
  const has = (text: string): boolean => text.toLowerCase().includes(value);
  if (criteria.kind === 'header') {
    const fields = parseHeader(await headerOf(waiting, message.blob)).filter(({ name }) => name === criteria.name);
    return fields.some(({ name, raw }) =>
      has(
        Buffer.from(raw)
          .toString()
          .slice(name.length + 1),
      ),
    );
  }
  return textsOf(criteria.field, await waiting.mail.digestOf(message)).some(has);
}

function textsOf(field: Extract<AskedCriteria, { kind: 'text' }>['field'], { envelope, text }: MessageDigest): readonly string[] {
  const people = (one: 'from' | 'to' | 'cc' | 'bcc') => envelope[one].map(({ name, address }) => `${name} <${address}>`);
  if (field === 'subject') return [envelope.subject];
  if (field === 'body') return [text];
  if (field !== 'text') return people(field);
  return [envelope.subject, text, ...people('from'), ...people('to'), ...people('cc'), ...people('bcc')];
}

async function headerOf({ deps }: Waiting, blob: BlobRef): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of deps.store.blobs.open(blob, { start: 0, end: Math.min(blob.sizeBytes, MAX_HEADER_BYTES) })) {
    bytes = Buffer.concat([bytes, chunk]);
  }
  const end = findHeaderEnd(bytes);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function searchRow({ uid, flags, modSeq, acceptedAtMs, blob }: WaitingMessage): SearchRow {
  const row = { id: asId.message(uid), uid, flags, modSeq, receivedAtMs: acceptedAtMs, sentAtMs: null, savedAtMs: acceptedAtMs };
  return { ...row, sizeBytes: blob.sizeBytes, thread: asId.thread(0) };
}

function givenUp(): MailError {
  return new MailError('transient', 'The search was given up.', { code: 'search-failed', reply: 'the search was given up' });
}
