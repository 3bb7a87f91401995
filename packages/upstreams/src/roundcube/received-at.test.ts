import { expect, test } from 'vitest';
import { estimateReceivedAt } from './received-at.ts';

const AT = Date.UTC(2026, 10, 23, 9, 0, 0);

test.for<[string, string, number | undefined]>([
  [
    'the topmost Received',
    'Return-Path: <x@y>\r\nReceived: from a (b;c)\r\n\tby d; Mon, 23 Nov 2026 10:00:00 +0100 (CET)\r\nReceived: x; Mon, 23 Nov 2020 10:00:00 +0000\r\n\r\n',
    AT,
  ],
  ['the Date without one', 'Subject: a\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT\r\n\r\nReceived: x; Mon, 23 Nov 2020 10:00:00 +0000', AT],
  ['the Date where Received has none', 'Received: from nowhere\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\n', AT],
  ['lines without CR', 'Received: x;\n Mon, 23 Nov 2026 09:00:00 +0000\nDate: never\n\nbody', AT],
  ['none at all', 'Subject: a\r\n\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT', undefined],
  ['a date of nobody', 'Date: Mon, 23 Nov 9026 09:00:00 GMT\r\n\r\n', undefined],
])('%s', ([, text, ms]) => {
  expect(estimateReceivedAt(Buffer.from(text))).toBe(ms);
});
