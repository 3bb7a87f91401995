/*
 * Both ledgers side by side. The promise: what got 250 arrives, whole; nothing else arrives; nothing arrives twice, but for the one stated
 * exception: plain SMTP has no witness, so an attempt whose answer was lost is made again, and the relay's own record says so.
 */
import { asId, systemClock } from '@stopgap/core';
import { queueDetail } from '@stopgap/outbox';
import { openStore, type Store } from '@stopgap/store';
import { expect } from 'vitest';
import { until } from '../lab/index.ts';
import type { Relay } from '../relay/index.ts';
import type { Arrival, FarSide } from './far-side.ts';
import type { Offered } from './load.ts';
import type { World } from './world.ts';

/** While nothing more arrives; how long all of it takes depends on how much was accepted. */
const DRAIN_MS = 90_000;

/** Stops the loads, lets the far side behave, waits until the queue is empty and compares. */
export async function reckon(world: World, relay: Relay): Promise<void> {
  await Promise.all(world.loads.map((load) => load.stop()));
  world.farSide.misbehave(0);
  world.farSide.answerAfterMs(0);
  const offered = new Map(world.loads.flatMap((load) => [...load.ledger]));
  await drain(world, relay, offered);
  const store = await openStore({ dataDir: world.dataDir, clock: systemClock });
  const faults = faultsOf(world.farSide, offered, store);
  await store.close();
  expect({ seed: world.seed, missing: missing(offered, world.farSide.arrivals), faults }).toEqual({
    seed: world.seed,
    missing: [],
    faults: [],
  });
}

function faultsOf(farSide: FarSide, offered: ReadonlyMap<string, Offered>, store: Store): string[] {
  const faults: string[] = [];
  for (const [key, arrivals] of copiesOf(farSide.arrivals)) {
    const one = offered.get(arrivals[0]?.messageId ?? '');
    if (!one) faults.push(`${key} was never offered`);
    else if (arrivals.some((arrival) => arrival.bodyHash !== one.letter.bodyHash)) faults.push(`${key} was changed on the way`);
    else if (arrivals.length > 1 && !farSide.mayRepeat) faults.push(`${key} came ${arrivals.length} times`);
    else if (arrivals.length > 1) faults.push(...tooMany(key, arrivals.length, { one, store }));
  }
  return faults;
}

async function drain(world: World, relay: Relay, offered: ReadonlyMap<string, Offered>): Promise<void> {
  try {
    const left = (): number => missing(offered, world.farSide.arrivals).length;
    for (let before = left(); before > 0; before = left()) {
      await until(`more of the ${before} that were acknowledged arrive`, () => left() < before, DRAIN_MS);
    }
    await until('the queue is empty', async () => (await relay.json<unknown[]>(['queue', 'list'])).length === 0, DRAIN_MS);
  } catch (error) {
    const waiting = await relay.json<unknown[]>(['queue', 'list']);
    const lost = missing(offered, world.farSide.arrivals);
    const text = `seed ${world.seed}: ${lost.length} missing (${lost.slice(0, 5).join(' ')}), ${waiting.length} waiting: ${JSON.stringify(waiting.slice(0, 3))}`;
    throw new Error(`${text}\n${(await relay.log()).slice(-3000)}`, { cause: error });
  }
}

export function missing(offered: ReadonlyMap<string, Offered>, arrivals: readonly Arrival[]): string[] {
  const there = new Set(arrivals.flatMap((arrival) => arrival.to.map((to) => `${arrival.messageId} ${to}`)));
  return [...offered.values()]
    .filter((one) => one.queuedAs !== undefined)
    .flatMap((one) => one.letter.to.map((to) => `${one.letter.messageId} ${to}`))
    .filter((key) => !there.has(key));
}

function copiesOf(arrivals: readonly Arrival[]): Map<string, Arrival[]> {
  const single = arrivals.flatMap((arrival) => arrival.to.map((to) => ({ key: `${arrival.messageId} ${to}`, arrival })));
  return new Map([...Map.groupBy(single, (one) => one.key)].map(([key, all]) => [key, all.map((one) => one.arrival)]));
}

/** Of the relay's record, as the last letter of a client may be kept and on its way without its 250 having reached anybody. */
function tooMany(key: string, copies: number, { one, store }: { readonly one: Offered; readonly store: Store }): string[] {
  const ids = store.read((reader) => reader.all<{ id: string }>('SELECT id FROM submission WHERE message_id = ?', one.letter.messageId));
  const [id, another] = ids.map((row) => asId.submission(row.id));
  if (id === undefined || another !== undefined) return [`${key} came ${copies} times, of ${ids.length} submissions`];
  const attempts = store.read((reader) => queueDetail(reader, id))?.attempts ?? [];
  const open = attempts.filter(
    (one) => one.markedAt !== null && (one.outcome === 'unsure' || one.outcome === 'lost' || one.outcome === null),
  );
  return copies > 1 + open.length ? [`${key} came ${copies} times, ${open.length} attempts are unsure`] : [];
}
