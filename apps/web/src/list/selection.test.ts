import { expect, test } from 'vitest';
import { extended, NOTHING_SELECTED, toggled } from './selection.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const list = { indexOf: (id: string) => ids.indexOf(id), idAt: (index: number) => ids[index] };

test('a click marks and unmarks, with the shift key it marks everything between', () => {
  const one = toggled(NOTHING_SELECTED, 'b');
  const range = extended(one, 'd', list);
  expect([...range.ids]).toEqual(['b', 'c', 'd']);
  expect([...extended(range, 'a', list).ids].toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect([...toggled(range, 'c').ids]).toEqual(['b', 'd']);
});

test('a range from what is not loaded any more is one message', () => {
  expect([...extended(toggled(NOTHING_SELECTED, 'gone'), 'c', list).ids]).toEqual(['gone', 'c']);
});

test('a range in which something is not loaded is one message: what is left out would not be seen', () => {
  const withGap = { ...list, idAt: (index: number) => (index === 2 ? undefined : ids[index]) };
  expect([...extended(toggled(NOTHING_SELECTED, 'a'), 'e', withGap).ids]).toEqual(['a', 'e']);
});
