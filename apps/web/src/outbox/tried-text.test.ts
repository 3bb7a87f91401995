import { expect, test } from 'vitest';
import type { OutboxEntry, OutboxRecipient } from '../api/outbox.ts';
import { triedText } from './tried-text.ts';

const WAITING: OutboxRecipient = {
  address: 'a@x.test',
  state: 'queued',
  held: false,
  route: null,
  reason: 'The connection was refused.',
  reasonClass: 'connect',
  tries: 2,
  nextAttemptAt: '2026-11-26T09:00:00Z',
};
const BEFORE = { recipients: [WAITING, WAITING] };
const LEFT = { ...WAITING, state: 'delivered', tries: 3, reason: null, reasonClass: null, nextAttemptAt: null } as const;
const AGAIN = { ...WAITING, tries: 3 };
const REFUSED = { ...AGAIN, state: 'rejected', reason: 'No such user', reasonClass: 'recipient', nextAttemptAt: null } as const;

test.for<[string, OutboxEntry['state'], readonly OutboxRecipient[], string | undefined, string | undefined]>([
  ['nothing was tried yet', 'waiting', [WAITING, WAITING], undefined, undefined],
  ['it is under way', 'sending', [{ ...WAITING, state: 'leased', tries: 3 }, LEFT], undefined, undefined],
  ['it has left', 'delivered', [LEFT, LEFT], 'It has left.', 'Sie ist hinausgegangen.'],
  [
    'it could not leave',
    'waiting',
    [AGAIN, AGAIN],
    'It could not leave yet, and is tried again by itself. The connection was refused. Next try at nine.',
    'Sie konnte noch nicht hinaus und wird von selbst wieder versucht. Der Server ist nicht zu erreichen. Nächster Versuch at nine.',
  ],
  [
    'one of two was refused',
    'failed',
    [LEFT, REFUSED],
    'It has left for 1 of 2 recipients. It was not taken. No such user',
    'Sie ist an 1 von 2 Empfängern hinausgegangen. Sie wurde nicht angenommen. Der Server nimmt diesen Empfänger nicht an.',
  ],
  [
    'nobody knows',
    'unsure',
    [{ ...AGAIN, state: 'unsure' }, LEFT],
    'It is not certain whether it arrived.',
    'Es ist nicht sicher, ob sie angekommen ist.',
  ],
])('%s', ([, state, recipients, english, german]) => {
  const moment = (iso: string): string => (iso === WAITING.nextAttemptAt ? 'at nine' : iso);
  expect(triedText({ state, recipients }, BEFORE, { language: 'en', moment })).toBe(english);
  expect(triedText({ state, recipients }, BEFORE, { language: 'de', moment })).toBe(german);
});
