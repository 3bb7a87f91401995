import { asId, systemClock, type AccountId } from '@stopgap/core';
import { addMessage, createMailbox, openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, insertRemoteMailbox, openIntents, putAccount, putRemoteMessage } from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import type { FetchWanted, ImapSession, MessageData, OpenedMailbox, SelectedMailbox, UidRange } from '../session.ts';
import type { MailboxSessionDeps } from './deps.ts';
import { openMailboxSession } from './mailbox-session.ts';

export const ALICE: AccountId = asId.account('alice@a.test');
export const ALL: readonly UidRange[] = [[1, 0xffff_ffff]];

/** A session on real mailboxes in a store of its own. */
export class TestSession implements AsyncDisposable {
  readonly mailboxes: Mailboxes;
  readonly temp: TempStore;
  readonly deps: MailboxSessionDeps;
  readonly session: ImapSession;
  notified = 0;

  static async open(options: Partial<Pick<MailboxSessionDeps, 'quotaBytes' | 'fetchBody' | 'roomFor'>> = {}): Promise<TestSession> {
    const temp = await tempStore();
    const { store, dataDir } = temp;
    await store.write((tx) =>
      putAccount(tx, { id: ALICE, address: ALICE, provider: asId.provider('a'), name: '', state: 'active', createdAtMs: 0 }),
    );
    const { quotaBytes } = options;
    const mailboxes = openMailboxes({
      store,
      dataDir,
      clock: systemClock,
      keepExpungedMs: 86_400_000,
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
    });
    let notify = (): void => undefined;
    const deps: MailboxSessionDeps = {
      store,
      mailboxes,
      clock: systemClock,
      messageBytes: 1_000_000,
      quotaBytes,
      roomFor: () => true,
      changed: () => notify(),
      ...options,
    };
    const test = new TestSession(temp, deps, await openMailboxSession({ account: ALICE }, deps));
    notify = () => (test.notified += 1);
    return test;
  }

  private constructor(temp: TempStore, deps: MailboxSessionDeps, session: ImapSession) {
    this.temp = temp;
    this.mailboxes = deps.mailboxes;
    this.deps = deps;
    this.session = session;
  }

  select(name = 'INBOX', isReadOnly = false): Promise<OpenedMailbox> {
    return this.session.open(name, { isReadOnly });
  }

  /** Brings messages in, as the mirror does. `unmirrored`: without their bodies, or without anything but what a list shows. */
  async arrive(
    texts: readonly string[],
    options: { readonly name?: string; readonly flags?: readonly string[]; readonly unmirrored?: 'body' | 'all' } = {},
  ): Promise<void> {
    const { store } = this.temp;
    const letters = await Promise.all(
      texts.map(async (text) => {
        const bytes = Buffer.from(options.unmirrored === 'body' ? text.slice(0, text.indexOf('\r\n\r\n') + 4) : text);
        const writer = store.blobs.stage();
        await writer.write(bytes);
        const blob = await writer.finish();
        return { digest: digestOf(bytes), blob, sizeBytes: text.length };
      }),
    );
    const name = options.name ?? 'INBOX';
    await this.mailboxes.write(ALICE, (mail) => {
      const mailbox = findMailboxByName(mail.tx, ALICE, name) ?? createMailbox(mail, { name, isSubscribed: true, by: 'upstream' });
      const common = { mailbox: mailbox.id, receivedAtMs: Date.UTC(2026, 10, 20), flags: options.flags ?? [], by: 'upstream' } as const;
      for (const { digest, blob, sizeBytes } of letters) {
        if (options.unmirrored === 'all') addMessage(mail, { ...common, digest, completeness: 'headers' });
        else if (options.unmirrored === 'body') addMessage(mail, { ...common, digest, blob, sizeBytes, completeness: 'headers' });
        else addMessage(mail, { ...common, digest, blob, completeness: 'raw' });
      }
    });
  }

  /** The provider has all of this mailbox under ids of its own. */
  async isUpstream(name: string): Promise<void> {
    await this.mailboxes.write(ALICE, ({ tx }) => {
      const mailbox = findMailboxByName(tx, ALICE, name);
      if (!mailbox) return;
      const remoteMailbox = insertRemoteMailbox(tx, {
        account: ALICE,
        space: 'test',
        remoteId: asId.remoteMailbox(name),
        total: 0,
        mailbox: mailbox.id,
      });
      const ids = tx.column<number>('SELECT id FROM message WHERE mailbox_id = ?', mailbox.id);
      for (const id of ids)
        putRemoteMessage(tx, { remoteMailbox, remoteId: asId.remoteMessage(String(id)), message: asId.message(id), flags: [] });
    });
  }

  /** What upstream has still to be told. */
  told(): string[] {
    return this.temp.store.read((reader) => openIntents(reader, ALICE, 1000)).map(({ work }) => work.kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mailboxes.close();
    await this.temp.dispose();
  }
}

export async function fetched(mailbox: SelectedMailbox, wanted: FetchWanted, ranges = ALL): Promise<MessageData[]> {
  const all: MessageData[] = [];
  for await (const page of mailbox.fetch(ranges, wanted)) all.push(...page);
  return all;
}

export async function bytesOf(chunks: AsyncIterable<Buffer> | undefined): Promise<string> {
  const all: Buffer[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return Buffer.concat(all).toString();
}

export async function* oneChunk(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
