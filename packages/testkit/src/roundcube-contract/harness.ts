import { expect } from 'vitest';
import type { Outcome, Route } from '@stopgap/core';
import { copiesOf, trimmed, type Letter, type TestJob } from './letters.ts';
import { openTap, PASS, type HttpTap } from './tap.ts';
import type { RoundcubeContract, RoundcubeWorld } from './world.ts';

const QUIET_MS = 20_000;

/** A world, a tap before it and a route through the tap. */
export interface Bench {
  readonly world: RoundcubeWorld;
  readonly tap: HttpTap;
  readonly route: Route;
  /** Ends the route's sessions, as a new start of the program would. */
  restart(): Promise<Route>;
  close(): Promise<void>;
}

export async function openBench(contract: RoundcubeContract): Promise<Bench> {
  const world = await contract.start();
  const tap = await openTap(world.url);
  let route = contract.createRoute(tap.url);
  return {
    world,
    tap,
    get route() {
      return route;
    },
    async restart() {
      tap.setRule(() => PASS);
      await route.close();
      return (route = contract.createRoute(tap.url));
    },
    async close() {
      tap.setRule(() => PASS);
      await route.close();
      await tap.close();
      await world.close();
    },
  };
}

export async function deliver(route: Route, job: TestJob, signal: AbortSignal = new AbortController().signal): Promise<Outcome[]> {
  const outcomes = await route.deliver(job, signal);
  return job.recipients.map((recipient) => {
    const outcome = outcomes.get(recipient.id);
    if (outcome === undefined) throw new Error(`no outcome for ${recipient.address}`);
    return outcome;
  });
}

export async function findSent(route: Route, job: TestJob): Promise<string> {
  if (route.findSent === undefined) throw new Error('the route has no witness');
  const query = {
    account: job.account,
    messageId: job.messageId,
    witness: job.witness,
    recipients: job.recipients.map((recipient) => recipient.address),
    sinceMs: job.sinceMs,
    credential: () => job.credential(),
  };
  return route.findSent(query, new AbortController().signal);
}

/** As the outbox asks once the outcomes of `settled` are on record. */
export async function keepOneCopy(route: Route, settled: readonly TestJob[], delivered = settled): Promise<string> {
  const [job] = settled;
  if (route.keepOneCopy === undefined || job === undefined) throw new Error('the route leaves no copies');
  const sending = {
    account: job.account,
    messageId: job.messageId,
    settledWitnesses: settled.map((one) => one.witness),
    deliveredWitnesses: delivered.map((one) => one.witness),
    credential: () => job.credential(),
  };
  return route.keepOneCopy(sending, new AbortController().signal);
}

export async function departures(world: RoundcubeWorld, letter: Letter) {
  return (await world.departed()).filter((mail) => mail.raw.includes(`Message-ID: ${letter.messageId}`));
}

/** One sending; Sent holds the letter once, byte for byte below our Received field; nothing is left in staging. */
export async function expectSentOnce(world: RoundcubeWorld, address: string, letter: Letter): Promise<void> {
  await expect.poll(async () => (await departures(world, letter)).length, { timeout: QUIET_MS }).toBe(1);
  await expectTidy(world, address, letter);
}

export async function expectTidy(world: RoundcubeWorld, address: string, letter: Letter): Promise<void> {
  const sent = copiesOf(await world.mailbox(address, 'Sent'), letter);
  expect(sent).toHaveLength(1);
  const text = trimmed(sent[0] ?? Buffer.alloc(0));
  expect(text.slice(text.indexOf('From: '))).toBe(trimmed(letter.bytes));
  expect(text.startsWith('Received: ')).toBe(true);
  await expectNothingStaged(world, address, letter);
}

export async function expectNothingStaged(world: RoundcubeWorld, address: string, letter: Letter): Promise<void> {
  for (const name of ['Stopgap outbox', 'Drafts']) expect(copiesOf(await world.mailbox(address, name), letter)).toHaveLength(0);
}
