/* An account on both sides, and what becomes of it in the steps that are drawn (test-steps.ts). */
import { asId, MailError, type Flag, type IncomingSession, type MailboxId, type MessageId, type StagedBlob } from '@stopgap/core';
import { addMessage, changeFlags, copyMessages, expungeMessages, moveMessages, type Mailboxes, type MailTx } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, findMessage, openIntents, putAccount, removeAccount, type Store } from '@stopgap/store';
import { FakeClock, MemoryProvider, tempStore, type MemoryAccount, type MemoryMessage, type ViewKind } from '@stopgap/testkit';
import type { Deps } from './deps.ts';
import { ReportBook } from './report.ts';
import { newMemory, type AccountMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { ALICE, depsFor, hashOf, letter, mailHere } from './test-bench.ts';
import { bringBack } from './test-bring-back.ts';
import { Fate } from './test-fate.ts';
import { changeHere, changeThere, releaseHeld } from './test-mailbox-changes.ts';
import { content, flagChange, mailboxChange, nameAt, NO_TROUBLE, type Change, type Step, type Trouble } from './test-steps.ts';

const FIRST_NAMES = 3;
/** Between two rounds: two listings that agree are far enough apart. */
const ROUND_EVERY_MS = 90_000;
const FEW_AGREE_MS = 8 * 24 * 3_600_000;
const CALM = new AbortController().signal;
/** A mailbox so large that single messages are no mass. */
const FIRST_MAIL = 12;
const SETTLING_ROUNDS = 8;

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
    if (!this.#hasOnlyJmap() && this.store.read((reader) => openIntents(reader, ALICE, 1)).length === 0) return;
    // What IMAP can not tell waits for the path by which the mailbox was seen.
    for (const kind of ['jmap', 'jmap', 'jmap', 'imap', 'imap'] as const) {
      this.#clock.jump(FEW_AGREE_MS);
      await releaseHeld(this.store, this.#clock);
      await this.round(kind, NO_TROUBLE);
    }
  }

  /** A mailbox that IMAP does not know, or does not know any more. */
  #hasOnlyJmap(): boolean {
    const known = `SELECT mailbox_id FROM remote_mailbox WHERE space LIKE 'imap-uid:%'`;
    return this.store.read((reader) => reader.column(`SELECT id FROM mailbox WHERE id NOT IN (${known})`)).length > 0;
  }

  async round(kind: ViewKind, { end, full, lie, meanwhile }: Trouble): Promise<void> {
    this.#clock.jump(ROUND_EVERY_MS);
    const { path, upstream, faults } = this.#provider.paths[kind];
    if (this.#memory?.path !== path.id) this.#memory = newMemory(path.id);
    const deps = this.#deps;
    const fate = new Fate(end);
    const count = { call: 0, write: 0 };
    const meet = async (where: keyof typeof count): Promise<void> => {
      count[where] += 1;
      if (meanwhile?.where === where && meanwhile.at === count[where]) await this.#change(meanwhile.change);
    };
    faults.lie = lie;
    faults.onCall = async (name, when) => {
      if (when === 'before') await meet('call');
      fate.reached(`call ${when}`);
      if (full !== undefined && name === 'append' && when === 'before') throw noRoom(full);
    };
    const write: Mailboxes['write'] = async (account, job) => {
      await meet('write');
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
      // Ids that have fallen back are believed at the second look; those that were given anew unnoticed are found by the next one.
      const isDoubt = error instanceof MailError && ['void', 'ids-changed'].includes(error.code ?? '');
      if (end === undefined && lie === undefined && meanwhile === undefined && !isDoubt) throw error;
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
        if (!this.there.find(nameAt(one.to))) return;
        return void this.there.deliver(nameAt(one.to), this.#made(content(one.content)));
      case 'flag there': {
        const message = this.#messageThere(one);
        if (message) this.there.changeFlags(nameAt(one.in), message.uid, flagChange(one));
        return;
      }
      case 'move there': {
        const message = this.#messageThere(one);
        if (message && one.in !== one.to && this.there.find(nameAt(one.to))) this.there.move(nameAt(one.in), message.uid, nameAt(one.to));
        return;
      }
      case 'expunge there': {
        const message = this.#messageThere(one);
        return message && this.#expungeThere(nameAt(one.in), message);
      }
      case 'copy there': {
        const message = this.#messageThere(one);
        if (!message || !this.there.find(nameAt(one.to))) return;
        this.#want(hashOf(message.bytes));
        return void this.there.deliver(nameAt(one.to), message.bytes, message);
      }
      case 'replace there': {
        const message = this.#messageThere(one);
        if (!message) return;
        this.there.deliver(nameAt(one.in), this.#made(this.#version(one.in)), { flags: ['$draft'] });
        return this.#expungeThere(nameAt(one.in), message);
      }
      case 'renumber':
        if (this.there.find(nameAt(one.in))) this.there.renumber(nameAt(one.in));
        return;
      case 'restore':
        return this.#restore(nameAt(one.in), one.at + 1);
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
        return this.#here(one, (mail, message) => this.#expungeHere(mail, message));
      case 'expunge on both sides':
        return this.#here(one, (mail, message) => {
          this.#expungeHere(mail, message);
          const same = this.there.find(nameAt(one.in))?.messages.find(({ bytes }) => hashOf(bytes) === message.hash);
          if (same) this.#expungeThere(nameAt(one.in), same);
        });
      case 'replace here': {
        const bytes = this.#version(one.in);
        const blob = await this.#staged(bytes);
        return this.#here(one, (mail, message) => {
          const mailbox = findMessage(mail.tx, message.id)?.mailbox;
          if (mailbox !== undefined) this.#add(mail, { mailbox, blob, bytes, flags: ['$draft'] });
          this.#expungeHere(mail, message);
        });
      }
      case 'copy here':
        return this.#here(one, (mail, { id, hash }) => {
          const to = this.#mailboxHere(one.to);
          if (to) this.#want(hash);
          return to && copyMessages(mail, [id], to, 'here');
        });
      case 'bring back here': {
        const back = await bringBack({ ...this.#deps, there: this.there }, one.at);
        if (back) this.#want(back.hash);
        if (back?.isToStay) this.expunged.delete(back.hash);
        return;
      }
      case 'append here':
        return this.#append(nameAt(one.to), one.hasId);
      default:
        return one satisfies never;
    }
  }

  /** What is lost there is held here, and released in the end. */
  #restore(name: string, count: number): void {
    const mailbox = this.there.find(name);
    const lost = mailbox?.messages.slice(-count) ?? [];
    const [first] = lost;
    if (!mailbox || !first) return;
    const messages = mailbox.messages.slice(0, -lost.length);
    this.#lose(lost.map(({ bytes }) => hashOf(bytes)));
    this.there.restore(name, { messages, uidNext: first.uid, modSeq: Math.max(1, ...messages.map((message) => message.modSeq)) });
  }

  async #append(to: string, hasId: boolean): Promise<void> {
    const mailbox = this.store.read((reader) => findMailboxByName(reader, ALICE, to))?.id;
    if (mailbox === undefined) return;
    this.#number += 1;
    const bytes = letter(`own ${this.#number}`, hasId ? `<own${this.#number}@here>` : null);
    const blob = await this.#staged(bytes);
    await this.#deps.mailboxes.write(ALICE, (mail) => this.#add(mail, { mailbox, blob, bytes, flags: [] }));
  }

  async #staged(bytes: Buffer): Promise<StagedBlob> {
    const writer = this.store.blobs.stage();
    await writer.write(bytes);
    return writer.finish();
  }

  #add(
    mail: MailTx,
    {
      bytes,
      ...message
    }: { readonly mailbox: MailboxId; readonly blob: StagedBlob; readonly bytes: Buffer; readonly flags: readonly Flag[] },
  ): void {
    const digest = digestOf(this.#made(bytes));
    addMessage(mail, { ...message, digest, completeness: 'raw', receivedAtMs: this.#clock.nowMs(), by: 'here' });
  }

  /** All versions of a draft have one Message-ID. */
  #version(index: number): Buffer {
    this.#number += 1;
    return letter(`version ${this.#number}`, `<draft${index}@here>`);
  }

  #expungeHere(mail: MailTx, { id, hash }: { readonly id: MessageId; readonly hash: string }): void {
    this.expunged.add(hash);
    expungeMessages(mail, [id], 'here');
  }

  #expungeThere(from: string, message: MemoryMessage): void {
    this.expunged.add(hashOf(message.bytes));
    this.there.expunge(from, message.uid);
  }

  async #here(
    { in: from, at }: { readonly in: number; readonly at: number },
    job: (mail: MailTx, message: { readonly id: MessageId; readonly hash: string }) => unknown,
  ): Promise<void> {
    const message = mailHere(this.store)[nameAt(from)]?.at(-1 - at);
    if (message) await this.#deps.mailboxes.write(ALICE, (mail) => job(mail, { id: asId.message(message.id), hash: message.hash }));
  }

  #mailboxHere(index: number): MailboxId | undefined {
    return this.store.read((reader) => findMailboxByName(reader, ALICE, nameAt(index)))?.id;
  }

  #messageThere({ in: from, at }: { readonly in: number; readonly at: number }): MemoryMessage | undefined {
    return this.there.find(nameAt(from))?.messages.at(-1 - at);
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

function noRoom(full: 'for now' | 'for good'): MailError {
  const text = 'the mailbox is full';
  return new MailError(full === 'for now' ? 'transient' : 'permanent', text, { code: 'quota', reason: { class: 'quota', text } });
}
