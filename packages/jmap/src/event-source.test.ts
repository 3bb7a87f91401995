import { expect, test } from 'vitest';
import { parseEvents, type ServerEvent } from './event-source.ts';
import { pieces } from './test-transport.ts';

async function events(text: string, size?: number): Promise<ServerEvent[]> {
  const found: ServerEvent[] = [];
  for await (const event of parseEvents(pieces(text, size))) found.push(event);
  return found;
}

test.for([1, 2, 3, 1000])('events are read whatever the pieces are (%i bytes)', async (size) => {
  const text = ': hello\r\n\r\nevent: state\r\ndata: {"a":\r\ndata: "\u00e9"}\r\n\r\nevent:ping\rdata: {}\r\rid: 7\ndata\n\n';
  expect(await events(text, size)).toEqual([
    { type: 'state', data: '{"a":\n"\u00e9"}' },
    { type: 'ping', data: '{}' },
    { type: 'message', data: '' },
  ]);
});

test('an event that was not ended does not count', async () => {
  expect(await events('event: state\ndata: {}\n')).toEqual([]);
});

test('a line or an event without end ends the stream', async () => {
  expect(await events(`data: ${'x'.repeat(70_000)}`, 1000)).toEqual([]);
  expect(await events(`${`data: ${'x'.repeat(60_000)}\n`.repeat(6)}\n`, 1000)).toEqual([]);
});
