/*
 * The property of Sent: what is sent is there once, on both sides - whenever the user's program stores it, here or at the provider, and the webmail does what
 * it does in Sent (it stores its resending, the message itself is moved there, the resending is deleted), before, between or in the middle of rounds by
 * whatever path, whose answers may be lost and which may die.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AttemptId, type IncomingSession, type SubmissionId } from '@stopgap/core';
import { addMessage, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import {
  dueSentCopies,
  endAttempt,
  endSentCopies,
  findMailboxByName,
  insertAttempt,
  insertRecipients,
  insertSubmission,
  keepBlob,
  leaseRecipient,
  markAttempt,
  moveRecipient,
  noteSentCopies,
  openIntents,
  putAccount,
  recipientsOf,
  removeAccount,
} from '@stopgap/store';
import type { MemoryAccount, ViewKind } from '@stopgap/testkit';
import { ReportBook } from './report.ts';
import { newMemory, type AccountMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { ALICE, contentHere, hashOf, letter, mailThere } from './test-bench.ts';
import { Fate, type RoundEnd } from './test-fate.ts';
import { openGround, type Ground } from './test-world.ts';

const { STOPGAP_MIRROR_RUNS, STOPGAP_MIRROR_SEED } = process.env;
const RUNS = Number(STOPGAP_MIRROR_RUNS ?? 150);
const SEED = STOPGAP_MIRROR_SEED ?? (STOPGAP_MIRROR_RUNS === undefined ? '1' : undefined);
const LONGEST_RUN_MS = 2000;
const ROUND_EVERY_MS = 90_000;
/** So many that one which goes is no half of them. */
const FORMER = 8;
const SETTLING_ROUNDS = 10;
const CALM = new AbortController().signal;

const SENT = letter('sent');
const STORED = Buffer.concat([traceOf('abc123'), SENT]);
const RESENT = Buffer.concat([Buffer.from('Resent-From: <alice@memory.test>\r\n'), STORED]);
const DATED = Buffer.from(SENT.toString('latin1').replace(' 00:00:00 ', ' 00:00:01 '), 'latin1');
const BLIND = Buffer.from(SENT.toString('latin1').replace('Subject:', 'Bcc: Carol <carol@elsewhere.test>\r\nSubject:'), 'latin1');
const OWN = { same: SENT, dated: DATED, blind: BLIND } as const;

function traceOf(submission: string): Buffer {
  return Buffer.from(`Received: from laptop by relay.test with ESMTPSA id ${submission}.1;\r\n Thu, 01 Jan 2026 00:00:00 +0000\r\n`);
}

type Event =
  | 'mark'
  | 'resent'
  | 'moved'
  | 'tidied'
  | 'ended'
  | 'unsure'
  | 'found'
  | 'noted'
  | 'put in order'
  | 'stored here'
  | 'stored there';
type Own = keyof typeof OWN;

/** What the outbox does with one message, in order. Where it can not tidy at once, it does it later; of an end that is not known, too. */
const WAYS = {
  tidy: ['mark', 'resent', 'moved', 'tidied', 'ended'],
  untidy: ['mark', 'resent', 'noted', 'ended', 'moved', 'tidied', 'put in order'],
  'half tidy': ['mark', 'resent', 'moved', 'noted', 'ended', 'tidied', 'put in order'],
  unsure: ['mark', 'resent', 'unsure', 'found', 'moved', 'tidied', 'noted', 'ended', 'put in order'],
  smtp: [],
} as const satisfies Record<string, readonly Event[]>;

interface RoundStep {
  readonly path: ViewKind;
  readonly end: RoundEnd | undefined;
  /** Events that come at the n-th call of the session. */
  readonly meanwhile: readonly number[];
}

interface Course {
  readonly way: keyof typeof WAYS;
  readonly own: Own;
  /** Undefined: the program stores nothing. */
  readonly where: 'stored here' | 'stored there' | undefined;
  /** After so many of the outbox's events. */
  readonly at: number;
  /** How many events come before each round. */
  readonly rounds: readonly (RoundStep & { readonly before: number })[];
  /** The path that is left in the end. */
  readonly last: ViewKind;
}

const path = fc.constantFrom<ViewKind>('imap', 'imap', 'roundcube', 'jmap');
const nth = fc.integer({ min: 1, max: 25 });
const end: fc.Arbitrary<RoundEnd> = fc.oneof(
  fc.record({ kind: fc.constant('crash'), where: fc.constantFrom('call before', 'call after', 'write before', 'write after'), at: nth }),
  fc.record({ kind: fc.constant('lost'), where: fc.constantFrom('call before', 'call after'), at: nth }),
);
const course: fc.Arbitrary<Course> = fc.record({
  way: fc.constantFrom(...(Object.keys(WAYS) as (keyof typeof WAYS)[])),
  own: fc.constantFrom<Own>('same', 'same', 'dated', 'blind'),
  where: fc.constantFrom('stored here', 'stored here', 'stored there', undefined),
  at: fc.nat(9),
  last: path,
  rounds: fc.array(
    fc.record({
      path,
      before: fc.nat(2),
      meanwhile: fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 3 }),
      end: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: end }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

test(
  'what was sent is in Sent once, on both sides',
  async () => {
    await using ground = await openGround();
    await fc.assert(
      fc.asyncProperty(course, async (one) => {
        const desk = await Desk.begin(ground);
        const events = eventsOf(one);
        for (const { before, ...round } of one.rounds) {
          for (let i = 0; i < before; i += 1) await desk.event(events.shift(), one.own);
          await desk.round(round, () => desk.event(events.shift(), one.own));
        }
        for (const event of events) await desk.event(event, one.own);
        for (let i = 0; i < SETTLING_ROUNDS; i += 1)
          await desk.round({ path: one.last, end: undefined, meanwhile: [] }, () => Promise.resolve());
        const there = mailThere(desk.there);
        expect(contentHere(ground.deps.store)).toEqual(there);
        expect(ground.deps.store.read((reader) => openIntents(reader, ALICE, 10))).toEqual([]);
        const copies = (there['Sent'] ?? []).slice().filter((line) => !desk.former.some((hash) => line.startsWith(hash)));
        expect(copies.map((line) => line.split(' ')[0])).toEqual(wantedOf(one));
      }),
      { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  },
  RUNS * LONGEST_RUN_MS,
);

function eventsOf({ way, where, at }: Course): Event[] {
  const events: Event[] = [...WAYS[way]];
  if (where !== undefined) events.splice(Math.min(at, events.length), 0, where);
  return events;
}

function wantedOf({ way, own, where }: Course): readonly string[] {
  if (where === undefined) return way === 'smtp' ? [] : [hashOf(STORED)];
  return [hashOf(way === 'smtp' || own === 'blind' ? OWN[own] : STORED)];
}

/** An account on both sides, in which mail was sent before. */
class Desk {
  readonly there: MemoryAccount;
  readonly former: readonly string[];
  readonly #ground: Ground;
  readonly #submission: SubmissionId;
  #attempt: AttemptId | undefined;
  #memory: AccountMemory | undefined;

  static async begin(ground: Ground): Promise<Desk> {
    const { store, mailboxes } = ground.deps;
    await mailboxes.erase(ALICE, CALM);
    await store.write((tx) => {
      removeAccount(tx, ALICE);
      putAccount(tx, { id: ALICE, address: ALICE, provider: ground.provider.provider.name, name: '', state: 'active', createdAtMs: 0 });
    });
    const desk = new Desk(ground);
    desk.there.createMailbox('Sent', 'sent');
    for (let i = 0; i < FORMER; i += 1) desk.there.deliver('Sent', letter(`former ${i}`), { flags: ['$seen'] });
    await desk.#submitted();
    await desk.round({ path: 'imap', end: undefined, meanwhile: [] }, () => Promise.resolve());
    return desk;
  }

  private constructor(ground: Ground) {
    this.#ground = ground;
    this.there = ground.provider.addAccount(ALICE);
    this.former = Array.from({ length: FORMER }, (_, i) => hashOf(letter(`former ${i}`)));
    this.#submission = 'abc123' as SubmissionId;
  }

  async #submitted(): Promise<void> {
    const { store } = this.#ground.deps;
    const blob = await this.#staged(SENT);
    const envelope = { from: ALICE, smtpUtf8: false, eightBitMime: false };
    const nowMs = this.#ground.clock.nowMs();
    const row = {
      id: this.#submission,
      account: ALICE,
      provider: this.#ground.provider.provider.name,
      kind: 'message',
      envelope,
      helo: 'laptop',
      protocol: 'ESMTPSA',
      acceptedAtMs: nowMs,
      messageId: '<sent@elsewhere.test>',
    } as const;
    await store.write((tx) => {
      for (const table of ['sent_copies', 'recipient', 'attempt', 'submission']) tx.run(`DELETE FROM ${table}`);
      const kept = { ...row, blob: keepBlob(tx, blob) };
      insertSubmission(tx, kept, 'fingerprint');
      insertRecipients(tx, kept, [{ address: 'bob@elsewhere.test' }]);
    });
  }

  async #staged(bytes: Buffer) {
    const writer = this.#ground.deps.store.blobs.stage();
    await writer.write(bytes);
    return writer.finish();
  }

  async event(event: Event | undefined, own: Own): Promise<void> {
    const { store, mailboxes } = this.#ground.deps;
    const nowMs = this.#ground.clock.nowMs();
    switch (event) {
      case undefined:
        return;
      case 'mark':
        await store.write((tx) => {
          const route = this.#ground.provider.paths.roundcube.path.id;
          const attempt = insertAttempt(tx, { submission: this.#submission, route, startedAtMs: nowMs });
          for (const { id } of recipientsOf(tx, this.#submission)) leaseRecipient(tx, id, { attempt, route, untilMs: nowMs + 3_600_000 });
          markAttempt(tx, attempt, { nowMs });
          this.#attempt = attempt;
        });
        return;
      case 'resent':
        return void this.there.deliver('Sent', RESENT, { flags: ['$seen'] });
      case 'moved':
        return void this.there.deliver('Sent', STORED, { flags: ['$seen'] });
      case 'tidied': {
        const resent = this.there.mailbox('Sent').messages.find(({ bytes }) => bytes.equals(RESENT));
        if (resent) this.there.expunge('Sent', resent.uid);
        return;
      }
      case 'ended':
        return this.#end('delivered');
      case 'unsure':
        return this.#end('unsure');
      case 'found': {
        // Else it is sent once more.
        const proof = this.there.mailbox('Sent').messages.some(({ bytes }) => bytes.equals(RESENT) || bytes.equals(STORED));
        if (!proof) throw new Error('the proof that it was sent has gone');
        return;
      }
      case 'noted':
        return store.write((tx) => noteSentCopies(tx, this.#submission, nowMs));
      case 'put in order':
        return store.write((tx) => {
          for (const row of dueSentCopies(tx, nowMs, 1)) endSentCopies(tx, row);
        });
      case 'stored there':
        return void this.there.deliver('Sent', OWN[own], { flags: ['$seen'] });
      case 'stored here': {
        const blob = await this.#staged(OWN[own]);
        const rest = { blob, digest: digestOf(OWN[own]), completeness: 'raw', receivedAtMs: nowMs, flags: ['$seen'], by: 'here' } as const;
        await mailboxes.write(ALICE, (mail) => {
          const mailbox = findMailboxByName(mail.tx, ALICE, 'Sent')?.id;
          if (mailbox !== undefined) addMessage(mail, { mailbox, ...rest });
        });
        return;
      }
      default:
        return event satisfies never;
    }
  }

  /** What is proven later is not put on record with the attempt. */
  #end(outcome: 'delivered' | 'unsure'): Promise<void> {
    const { store } = this.#ground.deps;
    const nowMs = this.#ground.clock.nowMs();
    return store.write((tx) => {
      for (const { id, state } of recipientsOf(tx, this.#submission)) {
        if (this.#attempt !== undefined && state === 'leased') endAttempt(tx, this.#attempt, nowMs, { outcome });
        moveRecipient(tx, id, { from: ['leased', 'unsure'], to: outcome, nowMs });
      }
    });
  }

  async round({ path: kind, end: ending, meanwhile }: RoundStep, next: () => Promise<void>): Promise<void> {
    const { clock, provider, deps } = this.#ground;
    clock.jump(ROUND_EVERY_MS);
    const { path, upstream, faults } = provider.paths[kind];
    if (this.#memory?.path !== path.id) this.#memory = newMemory(path.id);
    const fate = new Fate(ending);
    let calls = 0;
    faults.onCall = async (_, when) => {
      if (when === 'before') calls += 1;
      if (when === 'before' && meanwhile.includes(calls)) await next();
      fate.reached(`call ${when}`);
    };
    const write: Mailboxes['write'] = async (account, job) => {
      fate.reached('write before');
      const value = await deps.mailboxes.write(account, job);
      fate.reached('write after');
      return value;
    };
    let session: IncomingSession | undefined;
    try {
      session = await upstream.open?.(path, deps.credentialFor(ALICE), CALM);
      if (!session) throw new Error('no session');
      const report = new ReportBook(undefined, clock.nowMs());
      const round = { account: ALICE, path, session, memory: this.#memory, report, signal: CALM };
      await runRound({ ...round, deps: { ...deps, mailboxes: { ...deps.mailboxes, write } } }, { progressed: () => Promise.resolve() });
    } catch (error) {
      if (ending === undefined) throw error;
    } finally {
      faults.onCall = undefined;
      if (fate.isDead) this.#memory = undefined;
      await session?.close();
    }
  }
}
