import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Jmap } from '../api/jmap.ts';
import type { Line } from '../api/lists.ts';
import type { Message } from '../api/methods.ts';
import { createAhead, type Wanted } from './ahead.ts';
import { messageQuery } from './message-query.ts';

const LONG = 'x'.repeat(300_000);

beforeEach(() => void vi.stubGlobal('navigator', { onLine: true }));
afterEach(() => void vi.unstubAllGlobals());

interface Asked {
  readonly ids: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly answer: () => void;
}

/** A window and a relay that answers when it is told to, as the real one does: texts only as long as they are asked for. */
function openWindow(texts: Readonly<Record<string, string>> = {}) {
  const asked: Asked[] = [];
  const messageOf = (id: string, most: number): Message => {
    const text = texts[id] ?? 'Hello';
    const bodyValues = { 1: { value: text.slice(0, most), isTruncated: text.length > most, isEncodingProblem: false } };
    return { id, blobId: `b-${id}`, attachments: [], htmlBody: [], textBody: [], bodyValues } as unknown as Message;
  };
  const call = (_: string, args: { readonly ids: readonly string[]; readonly maxBodyValueBytes: number }, signal?: AbortSignal) =>
    new Promise((resolve, reject) => {
      const answer = (): void => resolve({ list: args.ids.map((id) => messageOf(id, args.maxBodyValueBytes)) });
      signal?.addEventListener('abort', () => reject(new Error('stopped')));
      asked.push({ ids: args.ids, signal, answer });
    });
  const jmap = { accountId: 'a1', call } as unknown as Jmap;
  const client = new QueryClient();
  const held = (id: string): Message | undefined => client.getQueryData<Message>(['message', id]);
  const open = (id: string): void => void new QueryObserver(client, messageQuery(jmap, client, id)).subscribe(() => undefined);
  return { asked, client, held, open, ahead: createAhead(jmap, client) };
}

/** `size` is that of the whole message. */
function wanted(...ids: readonly string[]): Wanted {
  const lines = ids.map((id) => ({ id, threadId: `t-${id}`, size: 25_000_000, conversation: [{ id }] }) as unknown as Line);
  return { lines, withConversations: false };
}

test('what is near is had by one request, however much is attached to it', async () => {
  const { asked, ahead, held } = openWindow();
  ahead.near(wanted('e1', 'e2'));
  expect(asked.map(({ ids }) => ids)).toEqual([['e1', 'e2']]);
  asked[0]?.answer();
  await expect.poll(() => [held('e1')?.id, held('e2')?.id]).toEqual(['e1', 'e2']);
  ahead.near(wanted('e1', 'e2'));
  expect(asked).toHaveLength(1);
});

test('one request at a time: what is wanted meanwhile comes after it, what is pointed at first', async () => {
  const { asked, ahead, held } = openWindow();
  ahead.near(wanted('e1', 'e2'));
  ahead.near(wanted('e2', 'e3'));
  ahead.pointed(wanted('e9'));
  expect(asked).toHaveLength(1);
  asked[0]?.answer();
  await expect.poll(() => asked.map(({ ids }) => ids)).toEqual([['e1', 'e2'], ['e9']]);
  asked[1]?.answer();
  await expect.poll(() => asked.at(-1)?.ids).toEqual(['e3']);
  expect(held('e9')?.id).toBe('e9');
});

test('what is not wanted any more is stopped, and can be had later', async () => {
  const { asked, ahead, held } = openWindow();
  ahead.near(wanted('e1', 'e2'));
  ahead.near(wanted('e7'));
  expect([asked[0]?.signal?.aborted, asked[1]?.ids]).toEqual([true, ['e7']]);
  asked[1]?.answer();
  await expect.poll(() => held('e7')?.id).toBe('e7');
  ahead.near(wanted('e1'));
  await expect.poll(() => asked.at(-1)?.ids).toEqual(['e1']);
});

test('what was opened meanwhile is not stopped, nor asked for a second time', async () => {
  const { asked, ahead, held, open } = openWindow();
  ahead.near(wanted('e1', 'e2'));
  open('e2');
  ahead.near(wanted('e7'));
  expect([asked.length, asked[0]?.signal?.aborted]).toEqual([1, false]);
  asked[0]?.answer();
  await expect.poll(() => held('e2')?.id).toBe('e2');
  await expect.poll(() => asked.at(-1)?.ids).toEqual(['e7']);
});

test('a long text is left where it is until its message is opened', async () => {
  const { asked, ahead, held, open } = openWindow({ e1: LONG });
  ahead.near(wanted('e1', 'e2'));
  asked[0]?.answer();
  await expect.poll(() => held('e2')?.id).toBe('e2');
  ahead.near(wanted('e1', 'e2'));
  expect([held('e1'), asked.length]).toEqual([undefined, 1]);
  open('e1');
  await expect.poll(() => asked[1]?.ids).toEqual(['e1']);
  asked[1]?.answer();
  await expect.poll(() => held('e1')?.bodyValues['1']?.value).toBe(LONG);
});

test('a long text whose message is opened while it is asked for comes whole', async () => {
  const { asked, ahead, held, open } = openWindow({ e1: LONG });
  ahead.near(wanted('e1'));
  open('e1');
  asked[0]?.answer();
  await expect.poll(() => asked[1]?.ids).toEqual(['e1']);
  asked[1]?.answer();
  await expect.poll(() => held('e1')?.bodyValues['1']?.value).toBe(LONG);
});

test.each([
  { name: 'where data is to be saved', navigator: { onLine: true, connection: { saveData: true } } },
  { name: 'without a connection', navigator: { onLine: false } },
])('nothing is asked for $name', ({ navigator }) => {
  vi.stubGlobal('navigator', navigator);
  const { asked, ahead } = openWindow();
  ahead.near(wanted('e1'));
  ahead.pointed(wanted('e2'));
  expect(asked).toEqual([]);
});

test('the pictures that stand in the most likely one come along, others and too large ones do not', async () => {
  // No frame is made here.
  vi.stubGlobal('Element', { prototype: {} });
  const client = new QueryClient();
  const downloads: string[] = [];
  const download = async (blobId: string): Promise<Blob> => (downloads.push(blobId), new Blob());
  const part = (cid: string, size: number) => ({ cid, size, blobId: `b-${cid}`, type: 'image/png', name: null });
  const html = (id: string, ...attachments: readonly unknown[]) => ({
    id,
    attachments,
    htmlBody: [{ partId: '1', type: 'text/html' }],
    bodyValues: { 1: { value: '<img src="cid:in"><img src="cid:large">', isTruncated: false } },
  });
  for (const message of [
    html('e1', part('in', 1000), part('out', 1000)),
    html('e2', part('in2', 1000)),
    html('e3', part('large', 800_000)),
  ])
    client.setQueryData(['message', message.id], message);
  const ahead = createAhead({ download } as unknown as Jmap, client);
  ahead.near(wanted('e1', 'e2'));
  ahead.pointed(wanted('e3'));
  await expect.poll(() => downloads).toEqual(['b-in']);
});
