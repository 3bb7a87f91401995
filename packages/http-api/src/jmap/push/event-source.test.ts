import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MailboxId } from '@stopgap/core';
import { changeFlags } from '@stopgap/mailbox';
import { parseEvents, type ServerEvent } from '@stopgap/jmap';
import { until } from '@stopgap/testkit';
import { ALICE, ALICE_ID, basic, BOB, postOf, PASSWORD, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: MailboxId;
beforeAll(async () => {
  bench = await startBench();
  inbox = await bench.mailbox('INBOX');
});
afterAll(() => bench[Symbol.asyncDispose]());

interface Stream {
  readonly events: ServerEvent[];
  isEnded: boolean;
  cancel(): Promise<void>;
}

async function open(query: string, headers: Record<string, string> = basic()): Promise<Stream> {
  const answer = await bench.ask(`/jmap/events?${query}`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = answer.body?.getReader();
  const stream: Stream = { events: [], isEnded: false, cancel: async () => reader?.cancel() };
  const bytes = (async function* () {
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) return;
      yield next.value;
    }
  })();
  void (async () => {
    for await (const event of parseEvents(bytes)) stream.events.push(event);
    stream.isEnded = true;
  })();
  return stream;
}

/** Time goes on until the stream has said so much. */
async function heard(stream: Stream, count: number): Promise<ServerEvent[]> {
  await until(async () => {
    await bench.clock.advance(250);
    return stream.events.length >= count;
  });
  return stream.events;
}

const dataOf = (event: ServerEvent | undefined) => JSON.parse(event?.data ?? '{}') as { changed: Record<string, Record<string, string>> };

test('new mail is told, by type, to its account and no other', async () => {
  const mine = await open('types=*&closeafter=no&ping=0');
  const theirs = await open('types=*&closeafter=no&ping=0', basic(BOB));
  const onlyThreads = await open('types=Thread,Nothing&closeafter=no&ping=0');
  const { id } = await bench.deliver(inbox, 'Subject: x\n\nx\n');
  const [event] = await heard(mine, 1);
  expect(event?.type).toBe('state');
  const state = String(bench.mailboxes.lastChange(ALICE));
  expect(dataOf(event).changed).toEqual({ [ALICE_ID]: { Mailbox: state, Email: state, EmailDelivery: state, Thread: state } });
  expect(Object.keys(dataOf((await heard(onlyThreads, 1))[0]).changed[ALICE_ID] ?? {})).toEqual(['Thread']);
  await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, [id], { add: ['$seen'], remove: [] }, 'upstream'));
  expect(Object.keys(dataOf((await heard(mine, 2))[1]).changed[ALICE_ID] ?? {})).toEqual(['Mailbox', 'Email', 'Thread']);
  expect(theirs.events).toEqual([]);
  for (const stream of [mine, theirs, onlyThreads]) await stream.cancel();
});

test('closes after a state when it is asked to, and tells what was missed when the client comes back', async () => {
  const first = await open('types=Email&closeafter=state&ping=0');
  await bench.deliver(inbox, 'Subject: x\n\nx\n');
  await heard(first, 1);
  await until(() => first.isEnded);
  const id = `${bench.mailboxes.lastChange(ALICE)}.${'a'.repeat(16)}.${'b'.repeat(16)}`;
  await bench.deliver(inbox, 'Subject: y\n\ny\n');
  const again = await open('types=Email&closeafter=state&ping=0', { ...basic(), 'last-event-id': id });
  await heard(again, 1);
  expect(dataOf(again.events[0]).changed[ALICE_ID]?.['Email']).toBe(String(bench.mailboxes.lastChange(ALICE)));
});

test('news of the queue and of the paths arrive, and pings in between', async () => {
  const stream = await open('types=OutboxEntry&closeafter=no&ping=5');
  await until(async () => {
    await bench.clock.advance(1000);
    return stream.events.some(({ type }) => type === 'ping');
  });
  expect(stream.events.find(({ type }) => type === 'ping')?.data).toBe('{"interval":5}');
  const drafts = await bench.mailbox('Drafts', { role: 'drafts' });
  const { id } = await bench.deliver(drafts, `From: ${ALICE}\nTo: x@y.test\nSubject: x\n\nx\n`);
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  await bench.one('EmailSubmission/set', { create: { s: { identityId: list[0]?.id, emailId: `e${id}` } } });
  await until(async () => {
    await bench.clock.advance(250);
    return stream.events.some(({ type }) => type === 'state');
  });
  await stream.cancel();
});

test.each([
  [1, 5],
  [30, 30],
  [999_999, 300],
])('pings every %i s come every %i s, and are no event to come back to (RFC 8620 7.3)', async (asked, interval) => {
  const stream = await open(`types=Email&closeafter=no&ping=${asked}`);
  let waited = 0;
  await until(async () => {
    await bench.clock.advance(1000);
    waited++;
    return stream.events.length > 0;
  });
  expect(stream.events).toEqual([expect.objectContaining({ type: 'ping', data: JSON.stringify({ interval }) })]);
  expect(waited).toBeGreaterThanOrEqual(interval);
  await stream.cancel();
});

test('a stream ends with its session, and holds nothing when its client goes', async () => {
  const logIn = await bench.ask('/api/session', postOf({ address: ALICE, password: PASSWORD }, { host: 'localhost' }));
  const cookie = logIn.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const stream = await open('types=*&closeafter=no&ping=0', { host: 'localhost', cookie });
  await bench.ask('/api/session', { method: 'DELETE', headers: { host: 'localhost', cookie } });
  await bench.deliver(inbox, 'Subject: x\n\nx\n');
  await until(async () => {
    await bench.clock.advance(1000);
    return stream.isEnded;
  });
  expect(stream.events).toEqual([]);
  const other = await open('types=*&closeafter=no&ping=0');
  await other.cancel();
  await until(async () => {
    await bench.clock.advance(1);
    return bench.clock.pendingWaits === 0;
  });
});

test.each(['closeafter=never', 'ping=-1', 'ping=x'])('%s is refused', async (query) => {
  expect((await bench.ask(`/jmap/events?types=*&${query}`, { headers: basic() })).status).toBe(400);
});
