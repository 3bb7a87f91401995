import { expect, test } from 'vitest';
import { imapFetch } from '../../load/imap-fetch.ts';
import { imapIdle } from '../../load/imap-idle.ts';
import { imapLarge } from '../../load/imap-large.ts';
import { imapMix } from '../../load/imap-mix.ts';
import type { Bench } from '../../load/report.ts';

/** As in load-smoke: nothing is measured, each runs to its last line. A server that refuses a command or leaves out a message ends it. */
const BENCHES: readonly { readonly name: string; readonly bench: Bench; readonly messages: number }[] = [
  { name: 'imap-fetch', bench: imapFetch, messages: 20 },
  { name: 'imap-idle', bench: imapIdle, messages: 5 },
  { name: 'imap-large', bench: imapLarge, messages: 1 },
  { name: 'imap-mix', bench: imapMix, messages: 2 },
];

test.each(BENCHES)('the benchmark $name runs to its end', async ({ bench, messages }) => {
  const { line, figures } = await bench({ messages, say: () => undefined });
  expect(line).toContain('(goal');
  for (const [name, figure] of Object.entries(figures)) expect(figure, name).toBeGreaterThanOrEqual(0);
});
