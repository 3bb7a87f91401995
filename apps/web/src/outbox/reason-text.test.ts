import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reasonText } from './reason-text.ts';

/** The client knows nothing of package core but what the relay sends: so the list is read where it stands. */
const OUTCOME = join(import.meta.dirname, '../../../../packages/core/src/outcome.ts');

test('every class of reasons has a German sentence', () => {
  const [, union = ''] = /export type ReasonClass =([^;]*);/.exec(readFileSync(OUTCOME, 'utf8')) ?? [];
  const classes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, name = '']) => name);
  expect(classes).toContain('lost-answer');
  expect(classes.filter((name) => reasonText(name, 'de') === undefined)).toEqual([]);
  expect(classes.filter((name) => reasonText(name, 'en') !== undefined)).toEqual([]);
});

test.each([null, 'something new', 'constructor'])('%j has none', (name) => {
  expect(reasonText(name, 'de')).toBeUndefined();
});
