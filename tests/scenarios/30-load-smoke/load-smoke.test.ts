import { expect, test } from 'vitest';
import { accept } from '../../load/accept.ts';
import { depth } from '../../load/depth.ts';
import { drain } from '../../load/drain.ts';
import { memory } from '../../load/memory.ts';
import type { Bench } from '../../load/report.ts';
import { roundcubeFetch } from '../../load/roundcube-fetch.ts';
import { search } from '../../load/search.ts';

/** So few messages that nothing is measured: only that every benchmark still runs to its last line. Each throws when a message is refused or lost. */
const BENCHES: readonly {
  readonly name: string;
  readonly bench: Bench;
  readonly messages: number;
  readonly connectionPerMessage?: boolean;
}[] = [
  { name: 'accept', bench: accept, messages: 40 },
  { name: 'accept, a connection for each message', bench: accept, messages: 40, connectionPerMessage: true },
  { name: 'drain', bench: drain, messages: 30 },
  { name: 'depth', bench: depth, messages: 500 },
  { name: 'memory', bench: memory, messages: 1 },
  { name: 'roundcube', bench: roundcubeFetch, messages: 40 },
  { name: 'search', bench: search, messages: 300 },
];

test.each(BENCHES)('the benchmark $name runs to its end', async (one) => {
  const { line, figures } = await one.bench({ ...one, say: () => undefined });
  expect(line).toContain('(goal');
  for (const [name, figure] of Object.entries(figures)) expect(figure, name).toBeGreaterThanOrEqual(0);
});
