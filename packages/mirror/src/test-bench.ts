import { createHash } from 'node:crypto';
import { asId, Secret, type Clock, type IncomingSession, type MessageId } from '@stopgap/core';
import { Board } from '@stopgap/health';
import { openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { findMessageView, listMailboxes, listMailboxMessages, openIntents, putAccount, type Store } from '@stopgap/store';
import { FakeClock, MemoryProvider, tempStore, type MemoryAccount, type ViewKind } from '@stopgap/testkit';
import type { Deps, MirrorEvents } from './deps.ts';
import { ReportBook } from './report.ts';
import { newMemory, type AccountMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { MIRROR_SETTINGS, type MirrorSettings } from './settings.ts';

export const ALICE = asId.account('alice@memory.test');
const CALM = new AbortController().signal;

export interface Bench extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly provider: MemoryProvider;
  /** The account upstream. */
  readonly there: MemoryAccount;
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  readonly deps: Deps;
  /** Everything that was told to the mail log, by name. */
  readonly told: { readonly name: string; readonly event: unknown }[];
  readonly report: ReportBook;
  /** Called before each transaction of a round. */
  beforeWrite: (() => Promise<void>) | undefined;
  /** One round by this path, a minute and a half after the last one; memory stays as long as the path does. */
  round(kind: ViewKind): Promise<void>;
  /** Forgets what was only in memory, as a restart does. */
  restart(): void;
  /** Her account here, as it was made at the beginning. */
  addAccount(): Promise<void>;
  /** The mailboxes here: name -> messages by UID. */
  here(): Record<string, readonly Here[]>;
  openIntents(): number;
  messageIds(mailbox: string): readonly MessageId[];
}

export interface Here {
  readonly uid: number;
  readonly id: number;
  readonly flags: string;
  readonly hash: string;
}

export async function openBench(
  options: { readonly settings?: Partial<MirrorSettings>; readonly kinds?: readonly ViewKind[] } = {},
): Promise<Bench> {
  const clock = new FakeClock();
  const temp = await tempStore();
  const provider = new MemoryProvider({ clock, kinds: options.kinds ?? ['imap', 'roundcube', 'jmap', 'pop3'] });
  const there = provider.addAccount(ALICE);
  const { deps, told } = await depsFor({ temp, clock, provider, settings: options.settings ?? {} });
  const addAccount = (): Promise<void> =>
    temp.store.write((tx) =>
      putAccount(tx, { id: ALICE, address: ALICE, provider: provider.provider.name, name: '', state: 'active', createdAtMs: 0 }),
    );
  await addAccount();
  const report = new ReportBook(undefined, clock.nowMs());
  let memory: AccountMemory | undefined;
  const write: Mailboxes['write'] = async (account, job) => {
    await bench.beforeWrite?.();
    return deps.mailboxes.write(account, job);
  };
  const bench: Bench = {
    beforeWrite: undefined,
    clock,
    provider,
    there,
    store: temp.store,
    mailboxes: deps.mailboxes,
    deps,
    told,
    report,
    async round(kind) {
      clock.jump(90_000);
      const { path, upstream } = provider.paths[kind];
      if (memory?.path !== path.id) memory = newMemory(path.id);
      const session: IncomingSession | undefined = await upstream.open?.(path, deps.credentialFor(ALICE), CALM);
      if (!session) throw new Error(`${kind} has no sessions`);
      try {
        const round = { account: ALICE, path, session, memory, report, signal: CALM };
        await runRound({ ...round, deps: { ...deps, mailboxes: { ...deps.mailboxes, write } } }, { progressed: () => Promise.resolve() });
      } finally {
        await session.close();
      }
    },
    restart: () => {
      memory = undefined;
    },
    addAccount,
    here: () => mailHere(temp.store),
    messageIds: (mailbox) => (mailHere(temp.store)[mailbox] ?? []).map((message) => asId.message(message.id)),
    openIntents: () => temp.store.read((reader) => openIntents(reader, ALICE, 10_000)).length,
    [Symbol.asyncDispose]: async () => {
      await deps.mailboxes.close();
      await deps.board.close();
      await temp.dispose();
    },
  };
  return bench;
}

export async function depsFor(options: {
  readonly temp: { readonly store: Store; readonly dataDir: string };
  readonly clock: Clock;
  readonly provider: MemoryProvider;
  readonly settings: Partial<MirrorSettings>;
}): Promise<{ readonly deps: Deps; readonly told: Bench['told'] }> {
  const { temp, clock, provider } = options;
  const told: { name: string; event: unknown }[] = [];
  const tell =
    (name: keyof MirrorEvents) =>
    (event: unknown): void =>
      void told.push({ name, event });
  const board = await Board.open({ store: temp.store, clock, random: () => 0.5, providers: [provider.provider] });
  const mailboxes = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: 30 * 24 * 3_600_000 });
  const deps: Deps = {
    store: temp.store,
    mailboxes,
    upstreams: provider.upstreams,
    board,
    providers: [provider.provider],
    credentialFor: (account) => () => Promise.resolve({ username: account, password: new Secret('sesame') }),
    clock,
    random: () => 0.5,
    events: {
      mirrored: tell('mirrored'),
      carriedBack: tell('carriedBack'),
      notCarriedBack: tell('notCarriedBack'),
      deletionsHeld: tell('deletionsHeld'),
      caughtUp: tell('caughtUp'),
      pathSwitched: tell('pathSwitched'),
    },
    log: { warn: () => undefined, error: () => undefined },
    settings: { ...MIRROR_SETTINGS, ...options.settings },
  };
  return { deps, told };
}

export function mailHere(store: Store): Record<string, readonly Here[]> {
  return store.read((reader) =>
    Object.fromEntries(
      listMailboxes(reader, ALICE).map((mailbox) => [
        mailbox.name,
        listMailboxMessages(reader, mailbox.id, { afterUid: 0, limit: 100_000 }).map((message) => ({
          uid: message.uid,
          id: message.id,
          flags: message.flags.join(' '),
          hash: findMessageView(reader, message.id)?.hash ?? '',
        })),
      ]),
    ),
  );
}

/** The mailboxes upstream: name -> hash and flags, sorted. */
export function mailThere(there: MemoryAccount): Record<string, readonly string[]> {
  return Object.fromEntries(
    there.mailboxes
      .map(
        (mailbox) =>
          [
            mailbox.path.join('/'),
            mailbox.messages.map((message) => `${hashOf(message.bytes)} ${message.flags.join(' ')}`.trim()).toSorted(),
          ] as const,
      )
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** What is here in the shape of `mailThere`. */
export function contentHere(store: Store): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(mailHere(store))
      .map(([name, messages]) => [name, messages.map(({ hash, flags }) => `${hash} ${flags}`.trim()).toSorted()] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const SHORTEST_BYTES = 400;
const sizes = new Map<string, number>();

/** Each content has a size of its own, as in life: no two letters of people are equally long. */
function sizeOf(content: string): number {
  const size = sizes.get(content) ?? SHORTEST_BYTES + sizes.size;
  sizes.set(content, size);
  return size;
}

/** A message with its number in it, without white space at its end; `messageId` null: it has none. */
export function letter(number: number | string, messageId: string | null = `<${number}@elsewhere.test>`): Buffer {
  const lines = [
    'From: Bob <bob@elsewhere.test>',
    `To: Alice <${ALICE}>`,
    `Subject: Letter ${number}`,
    ...(messageId === null ? [] : [`Message-ID: ${messageId}`]),
    'Date: Thu, 01 Jan 2026 00:00:00 +0000',
    '',
    `This is letter ${number}`,
  ];
  return Buffer.from(lines.join('\r\n').padEnd(sizeOf(`${number} ${messageId}`), '.'));
}
