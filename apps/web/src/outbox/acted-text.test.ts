import { expect, test } from 'vitest';
import type { Acted, OutboxAction } from '../api/outbox.ts';
import { actedText } from './acted-text.ts';

test.each<[string, OutboxAction, Acted, string | undefined, string | undefined]>([
  ['nothing has left', 'cancel', { changed: 2, underWay: 0 }, undefined, undefined],
  ['it leaves', 'cancel', { changed: 0, underWay: 1 }, 'can not be stopped', 'nicht mehr aufzuhalten'],
  ['one of two leaves', 'cancel', { changed: 1, underWay: 1 }, 'can not be stopped', 'nicht mehr aufzuhalten'],
  ['it is held', 'hold', { changed: 1, underWay: 0 }, undefined, undefined],
  ['it leaves, and is held if it does not', 'hold', { changed: 2, underWay: 1 }, 'waits on hold', 'wartet es angehalten'],
  ['it is tried', 'sendNow', { changed: 1, underWay: 0 }, undefined, undefined],
  ['it was tried already', 'sendNow', { changed: 0, underWay: 0 }, 'Nothing was changed', 'nichts geändert'],
  ['it was settled meanwhile', 'resend', { changed: 0, underWay: 0 }, 'Nothing was changed', 'nichts geändert'],
])('%s', (_, action, acted, english, german) => {
  for (const [language, text] of [
    ['en', english],
    ['de', german],
  ] as const) {
    const said = actedText(action, acted, language);
    if (text === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(text);
  }
});
