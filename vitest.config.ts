import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.ts';

// For the search workers and relays that tests start: each would compile the same sources again.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compile');

/** For `expect.poll`: how fast the machine is must not matter. */
const PATIENT = { poll: { timeout: 15_000 } };

/**
 * unit: beside the files, no peers; two files at a time, as there are two cores. e2e: real peers, of its own for each file; four at a time, as they wait for more
 * than half of their time. crash: kill, power cut, full disk; one at a time, as some of what it tells is said in seconds.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/*.test.ts'],
          testTimeout: 20_000,
          maxWorkers: 2,
          expect: PATIENT,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/{scenarios,dialogs,clients,browser}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 4,
          expect: PATIENT,
        },
      },
      {
        test: {
          name: 'crash',
          include: ['tests/crash/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
