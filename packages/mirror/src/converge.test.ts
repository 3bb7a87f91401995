/*
 * The property that all of this is for: whatever happens in whatever order - mail and changes from outside, changes here, paths that fail, lose answers
 * or lie, a process that dies at any call - both sides end up equal, with nothing lost and nothing doubled.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addMessage, changeFlags, copyMessages, expungeMessages, moveMessages, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, listMailboxes, listMailboxMessages, putAccount, type Store } from '@stopgap/store';
import { FakeClock, MemoryProvider, tempStore, type MemoryAccount, type ViewKind } from '@stopgap/testkit';
import type { IncomingSession } from '@stopgap/core';
import type { Deps } from './deps.ts';
import { ReportBook } from './report.ts';
import { newMemory, type AccountMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { ALICE, contentHere, depsFor, hashOf, letter, mailHere, mailThere } from './test-bench.ts';

const { STOPGAP_MIRROR_RUNS, STOPGAP_MIRROR_SEED } = process.env;
const RUNS = Number(STOPGAP_MIRROR_RUNS ?? 200);
/** The short form runs the same cases everywhere; the long one looks for new ones. */
const SEED = STOPGAP_MIRROR_SEED ?? (STOPGAP_MIRROR_RUNS === undefined ? '1' : undefined);
/** However busy the machine is. */
const LONGEST_RUN_MS = 2000;
const NAMES = ['INBOX', 'Sent', 'Work'] as const;
const CALM = new AbortController().signal;

type Step =
  | { readonly kind: 'deliver'; readonly to: number; readonly content: number }
  | { readonly kind: 'flag there' | 'flag here'; readonly in: number; readonly at: number; readonly flag: number; readonly add: boolean }
  | { readonly kind: 'move there' | 'move here'; readonly in: number; readonly at: number; readonly to: number }
  | { readonly kind: 'expunge there' | 'expunge here'; readonly in: number; readonly at: number }
  | { readonly kind: 'append here'; readonly to: number; readonly hasId: boolean }
  | { readonly kind: 'copy here'; readonly in: number; readonly at: number; readonly to: number }
  | { readonly kind: 'renumber'; readonly in: number }
  | { readonly kind: 'round'; readonly path: ViewKind; readonly trouble: Trouble };

/** What happens to a round: `call`: at the n-th call of the session, before or after the provider did it; `write`: at the n-th transaction. */
interface Trouble {
  readonly at: number | undefined;
  readonly where: 'call before' | 'call after' | 'write before' | 'write after';
  readonly lie: 'empty' | 'half' | 'void' | 'login-page' | 'short-body' | 'doubled' | 'backwards' | undefined;
}

const FLAGS = ['$seen', '$flagged', '$answered', 'label1'] as const;
const place = fc.nat(NAMES.length - 1);
const trouble: fc.Arbitrary<Trouble> = fc.record({
  at: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 25 }) }),
  where: fc.constantFrom('call before', 'call after', 'write before', 'write after'),
  lie: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('empty', 'half', 'void', 'login-page', 'short-body', 'doubled', 'backwards') },
  ),
});
const at = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver'), to: place, content: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('flag there', 'flag here'),
      in: place,
      at,
      flag: fc.nat(FLAGS.length - 1),
      add: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('move there', 'move here'), in: place, at, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('expunge there', 'expunge here'), in: place, at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('append here'), to: place, hasId: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy here'), in: place, at, to: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renumber'), in: place }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('round'),
      path: fc.oneof(
        { weight: 3, arbitrary: fc.constant<ViewKind>('imap') },
        { weight: 2, arbitrary: fc.constant<ViewKind>('roundcube') },
        { weight: 1, arbitrary: fc.constant<ViewKind>('pop3') },
      ),
      trouble,
    }),
  },
);

class World {
  readonly clock = new FakeClock();
  readonly provider = new MemoryProvider({ clock: this.clock, kinds: ['imap', 'roundcube', 'pop3'] });
  readonly there: MemoryAccount = this.provider.addAccount(ALICE);
  readonly store: Store;
  /** Contents that somebody expunged by intention, on either side. */
  readonly expunged = new Set<string>();
  /** Contents that ever were. */
  readonly known = new Set<string>();
  /** How often each content is wanted at most. */
  readonly most = new Map<string, number>();
  #memory: AccountMemory | undefined;
  #number = 0;

  readonly #deps: Promise<Deps>;

  constructor(store: Store, dataDir: string) {
    this.store = store;
    this.#deps = depsFor({ temp: { store, dataDir }, clock: this.clock, provider: this.provider, settings: {} }).then(({ deps }) => deps);
    this.there.createMailbox('Sent', 'sent');
    this.there.createMailbox('Work');
  }

  async do(one: Step): Promise<void> {
    const mailboxes = await this.#mailboxes();
    switch (one.kind) {
      case 'deliver':
        return void this.there.deliver(name(one.to), this.#made(content(one.content)));
      case 'flag there': {
        const message = this.#there(one);
        if (message) this.there.changeFlags(name(one.in), message.uid, changeOf(one));
        return;
      }
      case 'move there': {
        const message = this.#there(one);
        if (message && one.in !== one.to) this.there.move(name(one.in), message.uid, name(one.to));
        return;
      }
      case 'expunge there': {
        const message = this.#there(one);
        if (!message) return;
        this.expunged.add(hashOf(message.bytes));
        return void this.there.expunge(name(one.in), message.uid);
      }
      case 'renumber':
        return this.there.renumber(name(one.in));
      case 'flag here':
        return this.#here(one, mailboxes, (mail, id) => changeFlags(mail, [id], changeOf(one), 'here'));
      case 'move here':
        return this.#here(one, mailboxes, (mail, id, to) => moveMessages(mail, [id], to, 'here'), one.to);
      case 'expunge here':
        return this.#here(one, mailboxes, (mail, id) => expungeMessages(mail, [id], 'here'));
      case 'copy here':
        return this.#here(one, mailboxes, (mail, id, to) => copyMessages(mail, [id], to, 'here'), one.to);
      case 'append here': {
        this.#number += 1;
        const bytes = this.#made(letter(`own ${this.#number}`, one.hasId ? `<own${this.#number}@here>` : undefined));
        const target = this.store.read((reader) => findMailboxByName(reader, ALICE, name(one.to)));
        const writer = this.store.blobs.stage();
        await writer.write(bytes);
        const blob = await writer.finish();
        if (!target) return;
        await mailboxes.write(ALICE, (mail) =>
          addMessage(mail, {
            mailbox: target.id,
            blob,
            digest: digestOf(bytes),
            completeness: 'raw',
            receivedAtMs: this.clock.nowMs(),
            flags: [],
            by: 'here',
          }),
        );
        return;
      }
      case 'round':
        await this.round(one.path, one.trouble);
    }
  }

  async round(kind: ViewKind, { at: dies, where, lie }: Trouble): Promise<void> {
    this.clock.jump(90_000);
    const { path, upstream, faults } = this.provider.paths[kind];
    if (this.#memory?.path !== path.id) this.#memory = newMemory(path.id);
    const deps = await this.#deps;
    let count = 0;
    const isDead = (place: Trouble['where']): boolean => {
      if (place !== where || dies === undefined) return false;
      count += 1;
      return count >= dies;
    };
    faults.lie = lie;
    faults.onCall = (_, when) => {
      if (isDead(`call ${when}`)) throw new Error('the process died');
    };
    const write: Mailboxes['write'] = async (account, job) => {
      if (isDead('write before')) throw new Error('the process died');
      const value = await deps.mailboxes.write(account, job);
      if (isDead('write after')) throw new Error('the process died');
      return value;
    };
    const mailboxes: Mailboxes = { ...deps.mailboxes, write };
    let session: IncomingSession | undefined;
    try {
      session = await upstream.open?.(path, deps.credentialFor(ALICE), CALM);
      if (!session) throw new Error('no session');
      const round = {
        account: ALICE,
        path,
        session,
        memory: this.#memory,
        deps: { ...deps, mailboxes },
        report: new ReportBook(undefined, this.clock.nowMs()),
        signal: CALM,
      };
      await runRound(round, { progressed: () => Promise.resolve() });
    } catch (error) {
      // A process that died has forgotten what it had in memory.
      if (dies !== undefined) this.#memory = undefined;
      else if (lie === undefined) throw error;
    } finally {
      faults.onCall = undefined;
      faults.lie = undefined;
      await session?.close();
    }
  }

  #made(bytes: Buffer): Buffer {
    const hash = hashOf(bytes);
    this.known.add(hash);
    this.most.set(hash, (this.most.get(hash) ?? 0) + 1);
    return bytes;
  }

  #there(one: { readonly in: number; readonly at: number }): { readonly uid: number; readonly bytes: Buffer } | undefined {
    return this.there.mailbox(name(one.in)).messages.at(-1 - one.at);
  }

  async #here(
    one: { readonly kind: string; readonly in: number; readonly at: number },
    mailboxes: Mailboxes,
    job: (
      mail: Parameters<Parameters<Mailboxes['write']>[1]>[0],
      id: ReturnType<typeof messageIds>[number],
      to: ReturnType<typeof ids>[number],
    ) => unknown,
    to = one.in,
  ): Promise<void> {
    const target = this.store.read((reader) => findMailboxByName(reader, ALICE, name(to)))?.id;
    const id = messageIds(this.store, name(one.in)).at(-1 - one.at);
    if (target === undefined || id === undefined) return;
    const hash = mailHere(this.store)[name(one.in)]?.find((message) => message.id === id)?.hash ?? '';
    if (one.kind === 'expunge here') this.expunged.add(hash);
    if (one.kind === 'copy here') this.most.set(hash, (this.most.get(hash) ?? 0) + 1);
    await mailboxes.write(ALICE, (mail) => job(mail, id, target));
  }

  async #mailboxes(): Promise<Mailboxes> {
    return (await this.#deps).mailboxes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { mailboxes, board } = await this.#deps;
    await mailboxes.close();
    await board.close();
  }
}

const name = (index: number): string => NAMES[index] ?? 'INBOX';
/** Few contents, so that equal messages come often; some have no Message-ID, some share one. */
const content = (number: number): Buffer =>
  number % 5 === 0 ? letter(`nameless ${number}`, undefined) : letter(number, number % 7 === 0 ? '<shared@elsewhere.test>' : undefined);
const changeOf = (one: { readonly flag: number; readonly add: boolean }) => {
  const flag = FLAGS[one.flag] ?? '$seen';
  return one.add ? { add: [flag], remove: [] } : { add: [], remove: [flag] };
};
function ids(store: Store) {
  return store.read((reader) => listMailboxes(reader, ALICE)).map((mailbox) => mailbox.id);
}
function messageIds(store: Store, mailbox: string) {
  return store.read((reader) => {
    const found = findMailboxByName(reader, ALICE, mailbox);
    return found ? listMailboxMessages(reader, found.id, { afterUid: 0, limit: 10_000 }).map((message) => message.id) : [];
  });
}

test(
  'both sides end up equal, nothing lost, nothing doubled',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await using temp = await tempStore();
        await using world = new World(temp.store, temp.dataDir);
        await temp.store.write((tx) =>
          putAccount(tx, { id: ALICE, address: ALICE, provider: world.provider.provider.name, name: '', state: 'active', createdAtMs: 0 }),
        );
        // A mailbox large enough that single messages are no mass.
        for (let i = 0; i < 12; i += 1) for (const to of NAMES.keys()) await world.do({ kind: 'deliver', to, content: 100 + i * 3 + to });
        await world.round('imap', { at: undefined, where: 'call before', lie: undefined });
        for (const one of steps) await world.do(one);
        const calm: Trouble = { at: undefined, where: 'call before', lie: undefined };
        for (let i = 0; i < 8; i += 1) {
          // What is told as gone for long is believed: nobody has to release a brake for single messages.
          if (i > 2) world.clock.jump(8 * 24 * 3_600_000);
          await world.round('imap', calm);
        }
        expect(contentHere(world.store)).toEqual(mailThere(world.there));
        const counts = new Map<string, number>();
        for (const message of Object.values(mailHere(world.store)).flat()) counts.set(message.hash, (counts.get(message.hash) ?? 0) + 1);
        for (const hash of world.known) if (!world.expunged.has(hash)) expect(counts.get(hash) ?? 0).toBeGreaterThan(0);
        for (const [hash, count] of counts) expect(count).toBeLessThanOrEqual(world.most.get(hash) ?? 0);
      }),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  },
  RUNS * LONGEST_RUN_MS,
);
