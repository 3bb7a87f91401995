import { asId, withFlagChange, type AccountId, type Flag, type MailboxId, type MessageId, type ModSeq } from '@stopgap/core';
import { listMessageFlags, uidsExpungedSince, type Store } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import * as fc from 'fast-check';
import { test } from 'vitest';
import {
  addMessage,
  changeFlags,
  copyMessages,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  moveMessages,
  openMailboxes,
  restoreMessage,
  type Mailboxes,
} from './index.ts';
import { addAccount, letter } from './test-mail.ts';

const FLAGS: readonly Flag[] = ['$seen', '$flagged', 'work'];
const RUNS = 60;

type Step =
  | { readonly kind: 'add'; readonly box: number; readonly flags: readonly Flag[]; readonly size: number }
  | { readonly kind: 'flags'; readonly pick: readonly number[]; readonly add: readonly Flag[]; readonly remove: readonly Flag[] }
  | { readonly kind: 'move' | 'copy'; readonly pick: readonly number[]; readonly box: number }
  | { readonly kind: 'expunge' | 'restore'; readonly pick: readonly number[] }
  | { readonly kind: 'remake'; readonly box: number }
  | { readonly kind: 'look' };

const picks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 });
const boxes = fc.nat(2);
const flags = fc.subarray([...FLAGS]);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), box: boxes, flags, size: fc.integer({ min: 1, max: 5000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flags' as const), pick: picks, add: flags, remove: flags }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('move' as const, 'copy' as const), pick: picks, box: boxes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('expunge' as const, 'restore' as const), pick: picks }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remake' as const), box: boxes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
);

interface ModelMessage {
  box: number;
  flags: readonly Flag[];
  readonly size: number;
}

/** What a client keeps that only ever asks what changed, and an IMAP client that has one mailbox open. */
interface Follower {
  since: ModSeq;
  readonly known: Set<MessageId>;
}

test(
  'law: counts equal what is there, changes since any number lead to what is there, and no UID comes twice',
  { timeout: 120_000 },
  async () => {
    const clock = new FakeClock();
    await using temp = await tempStore({ clock });
    const mail = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: 1_000_000 });
    let run = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
          run += 1;
          const account = asId.account(`run${run}@provider.test`);
          await addAccount(temp.store, account);
          await play(steps, { store: temp.store, mail, account });
        }),
        { numRuns: RUNS },
      );
    } finally {
      await mail.close();
    }
  },
);

interface Scene {
  readonly store: Store;
  readonly mail: Mailboxes;
  readonly account: AccountId;
}

async function play(steps: readonly Step[], scene: Scene): Promise<void> {
  const { store, mail, account } = scene;
  const make = (box: number) =>
    mail.write(account, (tx) => createMailbox(tx, { name: `Box${box}`, isSubscribed: true, by: 'upstream' }).id);
  const ids: MailboxId[] = [await make(0), await make(1), await make(2)];
  const idOf = (box: number) => ids[box] ?? asId.mailbox(0);
  const model = new Map<MessageId, ModelMessage>();
  const gone = new Map<MessageId, ModelMessage>();
  const uids = new Map<MailboxId, Set<number>>();
  const followers: Follower[] = [{ since: asId.modSeq(0), known: new Set() }];
  const chosen = (pick: readonly number[], from: ReadonlyMap<MessageId, ModelMessage>) => {
    const all = [...from.keys()];
    return all.length === 0 ? [] : [...new Set(pick.map((n) => all[n % all.length] ?? asId.message(0)))];
  };
  for (const one of steps) {
    switch (one.kind) {
      case 'add': {
        const { id } = await mail.write(account, (tx) =>
          addMessage(tx, letter({ mailbox: idOf(one.box), flags: [...one.flags].sort(), sizeBytes: one.size })),
        );
        model.set(id, { box: one.box, flags: [...one.flags].sort(), size: one.size });
        break;
      }
      case 'flags': {
        const picked = chosen(one.pick, model);
        await mail.write(account, (tx) => changeFlags(tx, picked, one, 'here'));
        for (const id of picked) {
          const message = model.get(id);
          if (message) message.flags = withFlagChange(message.flags, one);
        }
        break;
      }
      case 'move': {
        const picked = chosen(one.pick, model);
        await mail.write(account, (tx) => moveMessages(tx, picked, idOf(one.box), 'here'));
        for (const id of picked) {
          const message = model.get(id);
          if (message) message.box = one.box;
        }
        break;
      }
      case 'copy': {
        const copies = await mail.write(account, (tx) => copyMessages(tx, chosen(one.pick, model), idOf(one.box), 'here'));
        for (const { id, original } of copies) {
          const message = model.get(original);
          if (message) model.set(id, { ...message, box: one.box });
        }
        break;
      }
      case 'expunge': {
        const picked = chosen(one.pick, model);
        await mail.write(account, (tx) => expungeMessages(tx, picked, 'here'));
        for (const id of picked) pass(id, model, gone);
        break;
      }
      case 'restore': {
        for (const id of chosen(one.pick, gone)) {
          const message = gone.get(id);
          if (!message) continue;
          await mail.write(account, (tx) => restoreMessage(tx, id, { by: 'here', mailbox: idOf(message.box) }));
          pass(id, gone, model);
        }
        break;
      }
      case 'remake': {
        await mail.write(account, (tx) => deleteMailbox(tx, idOf(one.box), 'here'));
        for (const [id, message] of model) if (message.box === one.box) pass(id, model, gone);
        ids[one.box] = await make(one.box);
        break;
      }
      case 'look': {
        followers.push({ since: mail.lastChange(account), known: new Set(model.keys()) });
        break;
      }
      default:
        one satisfies never;
    }
    noteUids(store, ids, uids);
  }
  checkState(scene, { ids, model });
  for (const follower of followers) checkFollower(scene, follower, model);
}

function pass(id: MessageId, from: Map<MessageId, ModelMessage>, to: Map<MessageId, ModelMessage>): void {
  const message = from.get(id);
  if (!message) return;
  from.delete(id);
  to.set(id, message);
}

/** Every UID that was ever seen belongs to one message; here: the number of messages with it never grows again. */
function noteUids(store: Store, ids: readonly MailboxId[], uids: Map<MailboxId, Set<number>>): void {
  for (const mailbox of ids) {
    const seen = uids.get(mailbox) ?? new Set();
    const now = store.read((reader) => listMessageFlags(reader, mailbox)).map(({ uid }) => uid as number);
    const vanished = new Set<number>(store.read((reader) => uidsExpungedSince(reader, mailbox, asId.modSeq(0))));
    for (const uid of now) if (vanished.has(uid)) throw new Error(`UID ${uid} came back`);
    for (const uid of seen) if (!now.includes(uid) && !vanished.has(uid)) throw new Error(`UID ${uid} went without a word`);
    uids.set(mailbox, new Set([...seen, ...now]));
  }
}

function checkState(
  { store, mail, account }: Scene,
  expected: { readonly ids: readonly MailboxId[]; readonly model: ReadonlyMap<MessageId, ModelMessage> },
): void {
  for (const row of mail.list(account)) {
    const box = expected.ids.indexOf(row.id);
    const there = [...expected.model].filter(([, message]) => message.box === box);
    const counted = {
      total: there.length,
      unseen: there.filter(([, message]) => !message.flags.includes('$seen')).length,
      sizeBytes: there.reduce((sum, [, message]) => sum + message.size, 0),
    };
    const rows = store.read((reader) => listMessageFlags(reader, row.id));
    equal(`counts of ${row.name}`, { total: row.total, unseen: row.unseen, sizeBytes: row.sizeBytes }, counted);
    equal(
      `messages of ${row.name}`,
      rows.map(({ id, flags }) => [id, flags] as const).sort(([one], [other]) => one - other),
      there.map(([id, { flags }]) => [id, flags] as const).sort(([one], [other]) => one - other),
    );
    equal(
      'UIDs below UIDNEXT',
      rows.every(({ uid }) => uid < row.uidNext),
      true,
    );
    equal(
      'HIGHESTMODSEQ',
      rows.every(({ modSeq }) => modSeq <= row.highestModSeq),
      true,
    );
  }
}

function checkFollower({ mail, account }: Scene, follower: Follower, model: ReadonlyMap<MessageId, ModelMessage>): void {
  const changes = mail.changes(account, follower.since);
  if (changes === 'forgotten') throw new Error('nothing was purged');
  const known = new Set(follower.known);
  for (const id of changes.messages.created) {
    if (known.has(id)) throw new Error(`${id} was known and is told as new`);
    known.add(id);
  }
  for (const id of changes.messages.updated) if (!known.has(id)) throw new Error(`${id} changed and was never told`);
  for (const id of changes.messages.expunged) if (!known.delete(id)) throw new Error(`${id} went and was never told`);
  const missing = [...model.keys()].filter((id) => !known.has(id));
  equal(`what follows from ${follower.since}`, { missing, known: known.size }, { missing: [], known: model.size });
}

function equal(what: string, is: unknown, shouldBe: unknown): void {
  if (JSON.stringify(is) !== JSON.stringify(shouldBe)) throw new Error(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(shouldBe)}`);
}
