import { expect, test } from 'vitest';
import type { PathState } from '../api/outbox.ts';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { noticesOf, pathName, routeName } from './situation-text.ts';

const path = (direction: PathState['direction'], kind: string, state: PathState['state'], since = '2026-11-23T08:00:00Z'): PathState => ({
  direction,
  kind,
  state,
  since,
  reason: null,
  reasonClass: null,
});
const notices = (paths: readonly PathState[]) => noticesOf(paths, en, (iso) => iso.slice(8, 10));

test('nothing is said while the best path of each direction works, or is not known', () => {
  expect(notices([])).toEqual([]);
  expect(notices([path('outgoing', 'smtp', 'up'), path('outgoing', 'roundcube', 'down'), path('incoming', 'imap', 'unknown')])).toEqual([]);
});

test('a best path that is down is told with what stands in for it', () => {
  const [out, incoming] = notices([
    path('incoming', 'imap', 'down'),
    path('incoming', 'roundcube', 'up'),
    path('outgoing', 'smtp', 'down'),
    path('outgoing', 'roundcube', 'impaired'),
  ]);
  expect(out?.what).toContain('since 23');
  expect(out?.so).toContain('its webmail');
  expect(incoming?.so).toContain('New mail still comes in');
});

test('with nothing in its place mail waits', () => {
  expect(notices([path('outgoing', 'smtp', 'down'), path('incoming', 'imap', 'up')])[0]?.so).toContain('waits here safely');
});

test('when everything is down it is said once, since the last of them went', () => {
  const all = notices([path('outgoing', 'smtp', 'down'), path('incoming', 'imap', 'down', '2026-11-25T08:00:00Z')]);
  expect(all).toHaveLength(1);
  expect(all[0]?.what).toContain('since 25');
});

test('in the list of paths each is called what it is, in a sentence as the sentence wants it', () => {
  const kinds = ['smtp', 'roundcube', 'smarthost', 'unheard-of'];
  expect(kinds.map((kind) => pathName(kind, en.situation))).toEqual(['SMTP', 'webmail', 'substitute server', 'UNHEARD-OF']);
  expect(kinds.map((kind) => pathName(kind, de.situation))).toEqual(['SMTP', 'Webmail', 'Ersatzserver', 'UNHEARD-OF']);
  expect(routeName('smtp', de.situation)).toBe('seinen Mailserver (SMTP)');
});
