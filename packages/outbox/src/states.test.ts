import type { RecipientState } from '@stopgap/store';
import { expect, test } from 'vitest';
import { isAllowed } from './states.ts';

const STATES: readonly RecipientState[] = ['queued', 'leased', 'unsure', 'delivered', 'rejected', 'expired', 'cancelled'];
const ARROWS: Readonly<Record<RecipientState, readonly RecipientState[]>> = {
  queued: ['leased', 'expired', 'cancelled'],
  leased: ['queued', 'unsure', 'delivered', 'rejected', 'cancelled'],
  unsure: ['queued', 'delivered', 'rejected', 'cancelled'],
  delivered: [],
  rejected: [],
  expired: [],
  cancelled: [],
};

test.each(STATES)('from %s a recipient goes where the picture says, and nowhere else', (from) => {
  expect(STATES.filter((to) => isAllowed(from, to)).sort()).toEqual([...ARROWS[from]].sort());
});
