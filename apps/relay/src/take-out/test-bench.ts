import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, type AccountId, type MailboxId, type StagedBlob } from '@stopgap/core';
import { addMessage, createMailbox, openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { putAccount, type Store } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';

const CORPUS = join(import.meta.dirname, '../../../../tests/corpus');
export const ALICE = asId.account('alice@provider.test');

/** Hard messages by file name. */
export const corpus: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(CORPUS)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => [name, readFileSync(join(CORPUS, name))]),
);

export interface Bench extends AsyncDisposable {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: FakeClock;
  readonly mail: Mailboxes;
  /** Removed at the end; nothing is in it. */
  readonly home: string;
  addAccount(account: AccountId): Promise<void>;
  make(name: string, role?: 'sent'): Promise<MailboxId>;
  /** As the mirror would: the digest is the real one. */
  put(mailbox: MailboxId, bytes: Buffer, more?: Partial<Parameters<typeof addMessage>[1]>): Promise<ReturnType<typeof addMessage>>;
}

/** A real store with alice's account in it. */
export async function bench(): Promise<Bench> {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  const { store, dataDir } = temp;
  const home = await mkdtemp(join(tmpdir(), 'stopgap-take-out-'));
  const mail = openMailboxes({ store, dataDir, clock, keepExpungedMs: 1000 });
  const addAccount = (account: AccountId) =>
    store.write((tx) =>
      putAccount(tx, { id: account, address: account, provider: asId.provider('test'), name: '', state: 'active', createdAtMs: 0 }),
    );
  await addAccount(ALICE);
  return {
    store,
    dataDir,
    clock,
    mail,
    home,
    addAccount,
    make: (name, role) =>
      mail.write(ALICE, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream', ...(role && { role }) }).id),
    async put(mailbox, bytes, more = {}) {
      const blob = await staged(store, bytes);
      return mail.write(ALICE, (tx) =>
        addMessage(tx, {
          mailbox,
          blob,
          digest: digestOf(bytes),
          completeness: 'raw',
          receivedAtMs: 1_795_425_072_000,
          flags: [],
          by: 'upstream',
          ...more,
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      await rm(home, { recursive: true, force: true });
      // Its index may still be written to.
      await mail.close();
      await temp.dispose();
    },
  };
}

async function staged(store: Store, bytes: Buffer): Promise<StagedBlob> {
  const writer = store.blobs.stage();
  await writer.write(bytes);
  return writer.finish();
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
