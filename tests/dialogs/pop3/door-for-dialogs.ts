import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createAccounts, type Accounts } from '@stopgap/accounts';
import { asId, Secret, systemClock, type AccountId, type Clock, type LoginVerdict, type MailboxId } from '@stopgap/core';
import { addMessage, createMailbox, moveMessages, openMailboxes, type Mailboxes, type MailTx } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { createPop3Server, type Pop3Server, type Pop3ServerOptions } from '@stopgap/pop3-server';
import { findMailboxByName, listMailboxMessages, openIntents, openVault } from '@stopgap/store';
import { makeCertificate, tempStore, type TempStore } from '@stopgap/testkit';
import { PROVIDER } from '../provider.ts';

/** At the provider; alice and bob are accounts here already. */
const PASSWORDS: Readonly<Record<string, string>> = {
  'alice@a.test': 'wonder land',
  'bob@a.test': 'builder',
  'carol@a.test': 'christmas',
  'jürgen@a.test': 'schlüssel',
};

/** Deviations from the defaults, for one dialog. */
export type DoorOptions = Partial<Pick<Pop3ServerOptions, 'plaintextAuth' | 'deletion'>> & {
  readonly limits?: Partial<Pop3ServerOptions['limits']>;
  readonly providerDown?: boolean;
  /** Failed log-ins of one account. */
  readonly mostGuesses?: number;
  /** As on a full disk. */
  readonly removalFails?: boolean;
  /** Called before anything is written, which waits for it. */
  readonly beforeWrite?: () => Promise<void>;
  readonly clock?: Clock;
};

/** Alice's INBOX, oldest first. */
export const LETTERS: readonly Buffer[] = [
  'From: bob@b.test\r\nSubject: plain\r\n\r\nHello\r\nBye\r\n',
  'Subject: dots\r\n\r\n.\r\n..\r\n.a\r\na.\r\n',
  'Subject: lone LF\n\nLF\n.\nQUIT\r\n',
  'Subject: no end',
  'Subject: \u{e4}\u{f6}\u{fc}\r\n\r\n\u{2014}\r\n',
  'Subject: header only\r\n\r\n',
].map((text) => Buffer.from(text));

/** Real accounts, store and mailboxes, with a POP3 door before them. */
export class DoorForDialogs implements AsyncDisposable {
  readonly mailboxes: Mailboxes;
  readonly notified: AccountId[] = [];
  /** How many messages each session that is over has deleted. */
  readonly deleted: number[] = [];
  /** Its certificate, which is its own authority, for the name localhost. */
  readonly certificate: string;
  readonly #temp: TempStore;
  readonly #accounts: Accounts;
  readonly #server: Pop3Server;

  static async open(options: DoorOptions = {}): Promise<DoorForDialogs> {
    const temp = await tempStore();
    const made = {
      tls: await makeCertificate({ name: 'localhost' }),
      vault: await temp.store.read((reader) => openVault({ dataDir: temp.dataDir, reader })),
    };
    const door = new DoorForDialogs(temp, options, made);
    for (const address of ['alice@a.test', 'bob@a.test']) {
      const added = await door.#accounts.add(
        { address, password: new Secret(passwordOf(address)), unverified: true },
        AbortSignal.timeout(10_000),
      );
      if (added.kind !== 'added') throw new Error(`${address} was not added: ${added.kind}`);
    }
    await door.fill('alice@a.test', LETTERS);
    await door.#server.listen();
    return door;
  }

  private constructor(
    temp: TempStore,
    options: DoorOptions,
    made: { readonly tls: { readonly key: string; readonly cert: string }; readonly vault: Awaited<ReturnType<typeof openVault>> },
  ) {
    const { store, dataDir } = temp;
    const clock = options.clock ?? systemClock;
    this.#temp = temp;
    this.certificate = made.tls.cert;
    this.mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 86_400_000 });
    this.#accounts = createAccounts({
      store,
      vault: made.vault,
      providers: [PROVIDER],
      upstreams: {
        imap: {
          verify: async (_path, { username, password }) => verdictOn(username, password, options.providerDown === true),
          probe: async () => ({ kind: 'answered', elapsedMs: 1 }),
        },
      },
      clock: systemClock,
      limits: { loginFailures: { perAccount: options.mostGuesses ?? 10, perAddress: 30, withinMs: 60_000 }, recipientsPerHour: false },
      enrolment: 'open',
    });
    this.#server = createPop3Server({
      hostname: 'relay.test',
      listen: { pop3: { host: '127.0.0.1', port: 0 }, pop3s: { host: '127.0.0.1', port: 0 } },
      tls: made.tls,
      plaintextAuth: options.plaintextAuth ?? 'loopback',
      limits: { connections: 100, connectionsPerAddress: 50, ...options.limits },
      deletion: options.deletion ?? 'trash',
      accounts: this.#accounts,
      mailboxes: { write: (account, job) => this.#write(account, job, options) },
      store,
      changed: (account) => this.notified.push(account),
      clock,
      events: { ended: ({ deleted }) => this.deleted.push(deleted), failed: () => undefined },
    });
  }

  async #write<T>(account: AccountId, job: (mail: MailTx) => T, { beforeWrite, removalFails }: DoorOptions): Promise<T> {
    await beforeWrite?.();
    if (removalFails === true) throw new Error('the disk is full');
    return await this.mailboxes.write(account, job);
  }

  /** Brings messages into INBOX, as the mirror does; the last one comes without its body. */
  async fill(address: string, letters: readonly Buffer[]): Promise<void> {
    const account = asId.account(address);
    const { store } = this.#temp;
    const blobs = await Promise.all(
      letters.map(async (bytes) => {
        const writer = store.blobs.stage();
        await writer.write(bytes);
        return await writer.finish();
      }),
    );
    await this.mailboxes.write(account, (mail) => {
      const there = findMailboxByName(mail.tx, account, 'INBOX')?.id;
      const mailbox: MailboxId = there ?? createMailbox(mail, { name: 'INBOX', isSubscribed: true, by: 'upstream' }).id;
      const common = { mailbox, receivedAtMs: 1_767_000_000_000, flags: [], by: 'upstream' } as const;
      for (const [index, bytes] of letters.entries()) {
        const blob = blobs[index];
        if (blob) addMessage(mail, { ...common, blob, digest: digestOf(bytes), completeness: 'raw' });
      }
      addMessage(mail, { ...common, digest: digestOf(Buffer.from('Subject: not here\r\n\r\n')), completeness: 'headers' });
    });
  }

  /** As an older program kept everything. */
  async forgetLineEnds(): Promise<void> {
    await this.#temp.store.write((tx) => tx.run('UPDATE message SET missing_line_end_bytes = NULL'));
  }

  /** Another client moves the first ones from INBOX elsewhere. */
  async putAway(address: string, count: number): Promise<void> {
    const account = asId.account(address);
    await this.mailboxes.write(account, (mail) => {
      const inbox = findMailboxByName(mail.tx, account, 'INBOX');
      const rows = inbox ? listMailboxMessages(mail.tx, inbox.id, { afterUid: 0, limit: count }) : [];
      const kept = findMailboxByName(mail.tx, account, 'Kept') ?? createMailbox(mail, { name: 'Kept', isSubscribed: true, by: 'upstream' });
      moveMessages(
        mail,
        rows.map(({ id }) => id),
        kept.id,
        'upstream',
      );
    });
  }

  countIn(address: string, name: string): number {
    return this.mailboxes.list(asId.account(address)).find((mailbox) => mailbox.name === name)?.total ?? 0;
  }

  /** What upstream has still to be told. */
  intentsOf(address: string): readonly string[] {
    return this.#temp.store.read((reader) => openIntents(reader, asId.account(address), 100)).map(({ work }) => work.kind);
  }

  async removeAccount(address: string): Promise<void> {
    await this.#accounts.remove(address);
  }

  async close(graceMs: number): Promise<void> {
    await this.#server.close({ graceMs });
  }

  port(door: 'pop3' | 'pop3s'): number {
    return this.#server.addresses()[door]?.port ?? 0;
  }

  async connect(door: 'pop3' | 'pop3s'): Promise<Socket> {
    const port = this.port(door);
    if (door === 'pop3s') return await secured(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
    const socket = connectPlain({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return socket;
  }

  async startTls(socket: Socket): Promise<Socket> {
    return await secured(connectTls({ socket, rejectUnauthorized: false }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(100);
    this.#accounts.close();
    await this.mailboxes.close();
    await this.#temp.dispose();
  }
}

export function plainToken(address: string, password = passwordOf(address)): string {
  return Buffer.from(`\0${address}\0${password}`).toString('base64');
}

export function passwordOf(address: string): string {
  return PASSWORDS[address] ?? '';
}

function verdictOn(username: string, password: Secret, isDown: boolean): LoginVerdict {
  if (isDown) return { kind: 'undecided', reason: { class: 'connect', text: 'connection refused' } };
  if (PASSWORDS[username] === password.open()) return { kind: 'accepted' };
  return { kind: 'refused', reason: { class: 'auth', text: 'wrong password' } };
}

async function secured(socket: Socket): Promise<Socket> {
  await once(socket, 'secureConnect');
  return socket;
}
