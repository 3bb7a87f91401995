/* A program of its own that takes the store's write lock and keeps it: `node hold-lock.ts DIRECTORY MILLISECONDS`. */
import { systemClock } from '@stopgap/core';
import { openStore } from '@stopgap/store';

const [, , dataDir = '', milliseconds = '0'] = process.argv;
const store = await openStore({ dataDir, clock: systemClock });
await store.write(() => {
  process.stdout.write('locked\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds));
});
await store.close();
