/* An account on both sides, and everything that can happen to it: steps are plain data, so that a run can be drawn at random, shrunk and written down. */
import { asId, type FlagChange, type IncomingSession, type MailboxId, type MessageId } from '@stopgap/core';
import { addMessage, changeFlags, copyMessages, expungeMessages, moveMessages, type Mailboxes, type MailTx } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, openIntents, putAccount, removeAccount, type Store } from '@stopgap/store';
import { FakeClock, MemoryProvider, tempStore, type MemoryAccount, type MemoryMessage, type ViewKind } from '@stopgap/testkit';
import type { Deps } from './deps.ts';
import { ReportBook } from './report.ts';
import { newMemory, type AccountMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { ALICE, depsFor, hashOf, letter, mailHere } from './test-bench.ts';
import { Fate, type RoundEnd } from './test-fate.ts';
import { changeHere, changeThere, releaseHeld, type MailboxChange } from './test-mailbox-changes.ts';

/** The first three are there from the beginning; the others are made, renamed and deleted. Only those without a role are. */
export const NAMES = ['INBOX', 'Sent', 'Work', 'Shop', 'Work/Old'] as const;
const FIRST_NAMES = 3;
export const FLAGS = ['$seen', '$flagged', '$answered', '$deleted', 'label1'] as const;
/** Between two rounds: two listings that agree are far enough apart. */
const ROUND_EVERY_MS = 90_000;
const FEW_AGREE_MS = 8 * 24 * 3_600_000;
const CALM = new AbortController().signal;
/** A mailbox so large that single messages are no mass. */
const FIRST_MAIL = 12;
const SETTLING_ROUNDS = 8;

/**
 * What somebody does, there or here, where it can be done. Mailboxes and flags by their place in the lists above, messages counted from the newest. Who
 * deletes a mailbox here has seen all that is in it here.
 */
export type Change =
  | { readonly kind: 'deliver'; readonly to: number; readonly content: number }
  | { readonly kind: 'flag there' | 'flag here'; readonly in: number; readonly at: number; readonly flag: number; readonly add: boolean }
  | { readonly kind: 'move there' | 'move here'; readonly in: number; readonly at: number; readonly to: number }
  | { readonly kind: 'expunge there' | 'expunge here'; readonly in: number; readonly at: number }
  | { readonly kind: 'append here'; readonly to: number; readonly hasId: boolean }
  | { readonly kind: 'copy here'; readonly in: number; readonly at: number; readonly to: number }
  | { readonly kind: 'renumber'; readonly in: number }
  | { readonly kind: 'create there' | 'create here' | 'delete there' | 'delete here'; readonly in: number }
  | { readonly kind: 'rename there' | 'rename here'; readonly in: number; readonly to: number };

export type Step = Change | { readonly kind: 'round'; readonly path: ViewKind; readonly trouble: Trouble };

/** What goes wrong in a round, and what is done while it is under way. */
export interface Trouble {
  readonly end: RoundEnd | undefined;
  readonly lie: 'empty' | 'half' | 'void' | 'login-page' | 'short-body' | 'doubled' | 'backwards' | undefined;
  /** At the n-th call of the session. */
  readonly meanwhile: { readonly at: number; readonly change: Change } | undefined;
}

export const NO_TROUBLE: Trouble = { end: undefined, lie: undefined, meanwhile: undefined };

/** What worlds stand on, one after the other: to make a store and a search index anew takes longer than a whole run. */
export interface Ground extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly provider: MemoryProvider;
  readonly deps: Deps;
}

export async function openGround(): Promise<Ground> {
  const clock = new FakeClock();
  const temp = await tempStore();
  const provider = new MemoryProvider({ clock, kinds: ['imap', 'roundcube', 'jmap', 'pop3'] });
  const { deps } = await depsFor({ temp, clock, provider, settings: {} });
  return {
    clock,
    provider,
    deps,
    [Symbol.asyncDispose]: async () => {
      await deps.mailboxes.close();
      await deps.board.close();
      await temp.dispose();
    },
  };
}

/** One at a time on its ground. */
export class World {
  readonly there: MemoryAccount;
  /** Contents that somebody expunged by intention, on either side. */
  readonly expunged = new Set<string>();
  /** Contents that ever were. */
  readonly known = new Set<string>();
  /** How often each content is wanted at most. */
  readonly most = new Map<string, number>();
  readonly #clock: FakeClock;
  readonly #provider: MemoryProvider;
  readonly #deps: Deps;
  #memory: AccountMemory | undefined;
  #number = 0;

  /** A new one, with some mail that is here already; nothing of the one before is left. */
  static async begin(ground: Ground): Promise<World> {
    const { store, mailboxes } = ground.deps;
    await mailboxes.erase(ALICE, CALM);
    const provider = ground.provider.provider.name;
    await store.write((tx) => {
      removeAccount(tx, ALICE);
      putAccount(tx, { id: ALICE, address: ALICE, provider, name: '', state: 'active', createdAtMs: 0 });
    });
    const world = new World(ground);
    world.there.createMailbox('Sent', 'sent');
    world.there.createMailbox('Work');
    for (let i = 0; i < FIRST_MAIL; i += 1) {
      for (let to = 0; to < FIRST_NAMES; to += 1) await world.do({ kind: 'deliver', to, content: 100 + i * FIRST_NAMES + to });
    }
    await world.round('imap', NO_TROUBLE);
    return world;
  }

  private constructor({ clock, provider, deps }: Ground) {
    this.#clock = clock;
    this.#provider = provider;
    this.#deps = deps;
    this.there = provider.addAccount(ALICE);
  }

  get store(): Store {
    return this.#deps.store;
  }

  do(step: Step): Promise<void> {
    return step.kind === 'round' ? this.round(step.path, step.trouble) : this.#change(step);
  }

  /** Rounds by the best path, until what is told as gone for long is believed: nobody has to release a brake for single messages. */
  async settle(): Promise<void> {
    for (let i = 0; i < SETTLING_ROUNDS; i += 1) {
      if (i > 2) this.#clock.jump(FEW_AGREE_MS);
      await releaseHeld(this.store, this.#clock);
      await this.round('imap', NO_TROUBLE);
    }
    if (this.store.read((reader) => openIntents(reader, ALICE, 1)).length === 0) return;
    // What IMAP can not tell waits for the path by which the mailbox was seen.
    for (const kind of ['jmap', 'jmap', 'imap', 'imap'] as const) {
      this.#clock.jump(FEW_AGREE_MS);
      await this.round(kind, NO_TROUBLE);
    }
  }

  async round(kind: ViewKind, { end, lie, meanwhile }: Trouble): Promise<void> {
    this.#clock.jump(ROUND_EVERY_MS);
    const { path, upstream, faults } = this.#provider.paths[kind];
    if (this.#memory?.path !== path.id) this.#memory = newMemory(path.id);
    const deps = this.#deps;
    const fate = new Fate(end);
    let calls = 0;
    faults.lie = lie;
    faults.onCall = async (_, when) => {
      if (when === 'before') calls += 1;
      if (when === 'before' && meanwhile?.at === calls) await this.#change(meanwhile.change);
      fate.reached(`call ${when}`);
    };
    const write: Mailboxes['write'] = async (account, job) => {
      fate.reached('write before');
      const value = await deps.mailboxes.write(account, job);
      fate.reached('write after');
      return value;
    };
    const report = new ReportBook(undefined, this.#clock.nowMs());
    let session: IncomingSession | undefined;
    try {
      session = await upstream.open?.(path, deps.credentialFor(ALICE), CALM);
      if (!session) throw new Error('no session');
      const round = {
        account: ALICE,
        path,
        session,
        memory: this.#memory,
        deps: { ...deps, mailboxes: { ...deps.mailboxes, write } },
        report,
        signal: CALM,
      };
      await runRound(round, { progressed: () => Promise.resolve() });
    } catch (error) {
      if (end === undefined && lie === undefined && meanwhile === undefined) throw error;
    } finally {
      faults.onCall = undefined;
      faults.lie = undefined;
      // A process that died has forgotten what it had in memory.
      if (fate.isDead) this.#memory = undefined;
      await session?.close();
    }
  }

  async #change(one: Change): Promise<void> {
    switch (one.kind) {
      case 'deliver':
        if (!this.there.find(name(one.to))) return;
        return void this.there.deliver(name(one.to), this.#made(content(one.content)));
      case 'flag there': {
        const message = this.#messageThere(one);
        if (message) this.there.changeFlags(name(one.in), message.uid, flagChange(one));
        return;
      }
      case 'move there': {
        const message = this.#messageThere(one);
        if (message && one.in !== one.to && this.there.find(name(one.to))) this.there.move(name(one.in), message.uid, name(one.to));
        return;
      }
      case 'expunge there': {
        const message = this.#messageThere(one);
        if (!message) return;
        this.expunged.add(hashOf(message.bytes));
        return void this.there.expunge(name(one.in), message.uid);
      }
      case 'renumber':
        if (this.there.find(name(one.in))) this.there.renumber(name(one.in));
        return;
      case 'create there':
      case 'delete there':
      case 'rename there':
        return this.#lose(changeThere(this.there, mailboxChange(one)));
      case 'create here':
      case 'delete here':
      case 'rename here':
        return this.#lose(await changeHere(this.store, this.#deps.mailboxes, mailboxChange(one)));
      case 'flag here':
        return this.#here(one, (mail, { id }) => changeFlags(mail, [id], flagChange(one), 'here'));
      case 'move here':
        return this.#here(one, (mail, { id }) => {
          const to = this.#mailboxHere(one.to);
          return to && moveMessages(mail, [id], to, 'here');
        });
      case 'expunge here':
        return this.#here(one, (mail, { id, hash }) => {
          this.expunged.add(hash);
          return expungeMessages(mail, [id], 'here');
        });
      case 'copy here':
        return this.#here(one, (mail, { id, hash }) => {
          const to = this.#mailboxHere(one.to);
          if (to) this.#want(hash);
          return to && copyMessages(mail, [id], to, 'here');
        });
      case 'append here':
        return this.#append(name(one.to), one.hasId);
      default:
        return one satisfies never;
    }
  }

  async #append(to: string, hasId: boolean): Promise<void> {
    const mailbox = this.store.read((reader) => findMailboxByName(reader, ALICE, to))?.id;
    if (mailbox === undefined) return;
    this.#number += 1;
    const bytes = this.#made(letter(`own ${this.#number}`, hasId ? `<own${this.#number}@here>` : undefined));
    const writer = this.store.blobs.stage();
    await writer.write(bytes);
    const blob = await writer.finish();
    const digest = digestOf(bytes);
    await this.#deps.mailboxes.write(ALICE, (mail) =>
      addMessage(mail, { mailbox, blob, digest, completeness: 'raw', receivedAtMs: this.#clock.nowMs(), flags: [], by: 'here' }),
    );
  }

  async #here(
    { in: from, at }: { readonly in: number; readonly at: number },
    job: (mail: MailTx, message: { readonly id: MessageId; readonly hash: string }) => unknown,
  ): Promise<void> {
    const message = mailHere(this.store)[name(from)]?.at(-1 - at);
    if (message) await this.#deps.mailboxes.write(ALICE, (mail) => job(mail, { id: asId.message(message.id), hash: message.hash }));
  }

  #mailboxHere(index: number): MailboxId | undefined {
    return this.store.read((reader) => findMailboxByName(reader, ALICE, name(index)))?.id;
  }

  #messageThere({ in: from, at }: { readonly in: number; readonly at: number }): MemoryMessage | undefined {
    return this.there.find(name(from))?.messages.at(-1 - at);
  }

  #made(bytes: Buffer): Buffer {
    const hash = hashOf(bytes);
    this.known.add(hash);
    this.#want(hash);
    return bytes;
  }

  #lose(hashes: readonly string[]): void {
    for (const hash of hashes) this.expunged.add(hash);
  }

  #want(hash: string): void {
    this.most.set(hash, (this.most.get(hash) ?? 0) + 1);
  }
}

type MailboxStep = Extract<Change, { readonly kind: `${MailboxChange['kind']} ${string}` }>;

function mailboxChange(one: MailboxStep): MailboxChange {
  switch (one.kind) {
    case 'create there':
    case 'create here':
      return { kind: 'create', name: name(one.in) };
    case 'delete there':
    case 'delete here':
      return { kind: 'delete', name: name(one.in) };
    case 'rename there':
    case 'rename here':
      return { kind: 'rename', name: name(one.in), to: name(one.to) };
    default:
      return one satisfies never;
  }
}

function name(index: number): string {
  return NAMES[index] ?? 'INBOX';
}

/** Few contents, so that equal messages come often; some have no Message-ID, some share one. */
function content(number: number): Buffer {
  if (number % 5 === 0) return letter(`nameless ${number}`, undefined);
  return letter(number, number % 7 === 0 ? '<shared@elsewhere.test>' : undefined);
}

function flagChange(one: { readonly flag: number; readonly add: boolean }): FlagChange {
  const flag = FLAGS[one.flag] ?? '$seen';
  return one.add ? { add: [flag], remove: [] } : { add: [], remove: [flag] };
}
