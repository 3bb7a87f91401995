import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, pathIdOf, Secret, systemClock, type Path, type Provider } from '@stopgap/core';
import { Board, runProbes } from '@stopgap/health';
import { openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { openMirror } from '@stopgap/mirror';
import { findMessageView, findMirror, listMailboxes, listMailboxMessages, openStore, putAccount, type Store } from '@stopgap/store';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { openBackDoor, until, type Lab, type OpenBackDoor } from '../../lab/index.ts';

export const ALICE = asId.account('alice@provider.test');
/** Quick, so that a test takes seconds; nothing depends on it. */
const QUICK_MS = 500;
const LIMIT_MS = 60_000;

export interface World extends AsyncDisposable {
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  /** Another mail program. */
  readonly door: OpenBackDoor;
  /** Both sides hold the same octets, as often, in the same mailboxes. */
  becomesEqual(what: string): Promise<void>;
  becomesPath(kind: Path['kind']): Promise<void>;
  /** `mailbox uid` -> hash: what must never change. */
  uids(): ReadonlyMap<string, string>;
}

export interface WorldOptions {
  /** Best first. */
  readonly paths: readonly Path['kind'][];
  /** The store that all of the paths show. */
  readonly behind?: 'dovecot' | 'cyrus';
  /** Made before the mirror looks: a CREATE beside other sessions is now and then told that it is there already. */
  readonly mailbox: readonly string[];
}

export async function startWorld(lab: Lab, { paths, behind = 'dovecot', mailbox }: WorldOptions): Promise<World> {
  const imapPort = behind === 'cyrus' ? lab.ports.cyrusImap : lab.edge.ports.imap;
  const door = await openBackDoor({
    port: behind === 'cyrus' ? lab.ports.cyrusImap : lab.ports.imap,
    user: ALICE,
    password: lab.password('alice'),
  });
  await door.createMailbox(mailbox);
  const dataDir = await mkdtemp(join(tmpdir(), 'stopgap-mirror-'));
  const store = await openStore({ dataDir, clock: systemClock });
  const mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 86_400_000 });
  const provider = providerOf(lab, paths, imapPort);
  await store.write((tx) =>
    putAccount(tx, { id: ALICE, address: ALICE, provider: provider.name, name: '', state: 'active', createdAtMs: 0 }),
  );
  const upstreams = createUpstreams({ guard: createGuard({ allowPrivate: true }), clock: systemClock, heloName: 'relay.test' });
  const board = await Board.open({ store, clock: systemClock, random: Math.random, providers: [provider] });
  const stop = new AbortController();
  const probes = runProbes({ board, upstreams, providers: [provider], clock: systemClock, random: Math.random, signal: stop.signal });
  const nothing = () => undefined;
  const mirror = openMirror({
    store,
    mailboxes,
    upstreams,
    board,
    providers: [provider],
    credentialFor: () => () => Promise.resolve({ username: ALICE, password: new Secret(lab.password('alice')) }),
    clock: systemClock,
    random: Math.random,
    events: {
      mirrored: nothing,
      caughtUp: nothing,
      carriedBack: nothing,
      notCarriedBack: nothing,
      deletionsHeld: nothing,
      pathSwitched: nothing,
    },
    log: { warn: nothing, error: nothing },
    settings: {
      pollEveryMs: QUICK_MS,
      confirmAfterMs: QUICK_MS,
      settleMs: QUICK_MS,
      retry: { firstMs: QUICK_MS, factor: 1.5, longestMs: 2000 },
    },
  });
  const run = mirror.run(stop.signal);
  return {
    store,
    mailboxes,
    door,
    async becomesEqual(what) {
      await until(what, async () => JSON.stringify(here(store)) === JSON.stringify(await there(door)), LIMIT_MS);
    },
    async becomesPath(kind) {
      const path = (): string => store.read((reader) => findMirror(reader, ALICE))?.path ?? '';
      await until(`it goes by ${kind}`, () => path().includes(` ${kind} `), LIMIT_MS);
    },
    uids: () => uidsOf(store),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([run, probes]);
      await door.close();
      await mailboxes.close();
      await board.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function providerOf(lab: Lab, kinds: readonly Path['kind'][], imapPort: number): Provider {
  const { ports } = lab.edge;
  const host = '127.0.0.1';
  const base = { provider: asId.provider('provider'), direction: 'incoming' as const, connections: 4 };
  const all: Partial<Record<Path['kind'], Path>> = {
    imap: { ...base, id: pathIdOf('provider', 'incoming', 'imap', 'imap'), kind: 'imap', host, port: imapPort, security: 'none' },
    pop3: { ...base, id: pathIdOf('provider', 'incoming', 'pop3', 'pop3'), kind: 'pop3', host, port: ports.pop3, security: 'none' },
    jmap: {
      ...base,
      id: pathIdOf('provider', 'incoming', 'jmap', 'jmap'),
      kind: 'jmap',
      url: `http://${host}:${ports.jmap}/.well-known/jmap`,
    },
    roundcube: {
      ...base,
      id: pathIdOf('provider', 'incoming', 'roundcube', 'web'),
      kind: 'roundcube',
      url: `http://${host}:${ports.roundcube}/`,
    },
  };
  return {
    name: asId.provider('provider'),
    domains: [lab.domain],
    login: 'address',
    incoming: kinds.flatMap((kind) => all[kind] ?? []),
    outgoing: [],
    probe: { everyMs: QUICK_MS, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
  };
}

function here(store: Store): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  for (const [place, hash] of [...uidsOf(store)].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const name = place.slice(0, place.lastIndexOf(' '));
    found[name] = [...(found[name] ?? []), hash].toSorted();
  }
  return found;
}

async function there(door: OpenBackDoor): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const name of (await door.mailboxes()).toSorted()) {
    const messages = await door.messages(name.split('/'));
    if (messages.length > 0) found[name] = messages.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')).toSorted();
  }
  return found;
}

function uidsOf(store: Store): ReadonlyMap<string, string> {
  return store.read(
    (reader) =>
      new Map(
        listMailboxes(reader, ALICE).flatMap((mailbox) =>
          listMailboxMessages(reader, mailbox.id, { afterUid: 0, limit: 10_000 }).map(
            (message) => [`${mailbox.name} ${message.uid}`, findMessageView(reader, message.id)?.hash ?? ''] as const,
          ),
        ),
      ),
  );
}
