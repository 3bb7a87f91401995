import { hasDecisions, takeDecisions } from '@stopgap/store';
import type { Deps } from './deps.ts';

const TAKEN_AT_ONCE = 100;

/** Tells the mail log what people have decided (control.ts), each decision once. As everywhere, what is told is on record already. */
export async function reportDecisions({ store, events }: Deps): Promise<void> {
  while (store.read(hasDecisions)) {
    for (const { submission, madeAtMs, ...row } of await store.write((tx) => takeDecisions(tx, TAKEN_AT_ONCE))) {
      events.decided({ ...(submission === undefined ? {} : { id: submission }), ...row, at: new Date(madeAtMs).toISOString() });
    }
  }
}
