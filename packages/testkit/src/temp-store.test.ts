import { existsSync } from 'node:fs';
import { asId } from '@stopgap/core';
import { beginOutage, listOutages } from '@stopgap/store';
import { expect, test } from 'vitest';
import { tempStore } from './temp-store.ts';

test('a temp store keeps what is written and is gone after its block', async () => {
  let directory = '';
  {
    await using temp = await tempStore();
    directory = temp.dataDir;
    const outage = { path: asId.path('a outgoing smtp h:25'), startMs: 5, reason: { class: 'connect', text: 'refused' } } as const;
    await temp.store.write((tx) => beginOutage(tx, outage));
    expect(temp.store.read((reader) => listOutages(reader, 0))).toEqual([outage]);
    expect(existsSync(directory)).toBe(true);
  }
  expect(existsSync(directory)).toBe(false);
});
