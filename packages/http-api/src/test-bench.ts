import { asId, type AccountId, type MailboxId, type MailboxRole } from '@stopgap/core';
import type { LogIn } from '@stopgap/accounts';
import { CORE, MAIL, OUTBOX, SUBMISSION } from '@stopgap/jmap';
import { addMessage, createMailbox, openMailboxes, type AddedMessage, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, putAccount, putVerifier, type Store } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { createPut } from '@stopgap/outbox';
import { createHttpApi, News, type HttpApi, type HttpApiDeps } from './index.ts';
import { wire } from './jmap/ids.ts';

export const ALICE = asId.account('alice@provider.test');
export const BOB = asId.account('bob@provider.test');
export const PASSWORD = 'correct horse';
export const HOST = 'relay.example.org';
const PROVIDER = asId.provider('test');

/** A door over a real store, with two accounts; only the log-in is played. */
export interface Bench extends AsyncDisposable {
  readonly api: HttpApi;
  readonly store: Store;
  readonly dataDir: string;
  readonly mailboxes: Mailboxes;
  readonly clock: FakeClock;
  readonly notified: AccountId[];
  readonly news: News;
  /** What the next log-in gets; else by the password. */
  nextLogIn: LogIn | undefined;
  /** Runs when a submission is in the store and nobody was told yet. */
  afterPut: () => unknown;
  /** Makes it where it is missing. */
  mailbox(name: string, options?: { readonly account?: AccountId; readonly role?: MailboxRole }): Promise<MailboxId>;
  deliver(mailbox: MailboxId, raw: string | Buffer, options?: DeliverOptions): Promise<AddedMessage>;
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** As alice, by Basic. */
  call(...calls: readonly Call[]): Promise<readonly Answered[]>;
  /** One call, its answer's value; `error` answers, too. */
  one(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

type Call = readonly [string, Record<string, unknown>] | readonly [string, Record<string, unknown>, string];
export type Answered = readonly [string, Record<string, unknown>, string];

interface DeliverOptions {
  readonly account?: AccountId;
  readonly flags?: readonly string[];
  readonly atMs?: number;
}

export async function startBench(options: Partial<HttpApiDeps> = {}): Promise<Bench> {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  const { store, dataDir } = temp;
  for (const account of [ALICE, BOB]) await addAccount(store, account);
  const mailboxes = openMailboxes({ store, dataDir, clock, keepExpungedMs: 1_000_000 });
  const news = new News();
  const notified: AccountId[] = [];
  const logged: string[] = [];
  const log = (message: string, fields?: unknown): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const put = createPut({ store, dataDir, clock, onPut() {} });
  const api = await createHttpApi({
    store,
    dataDir,
    clock,
    mailboxes,
    accounts: {
      logIn: async ({ address, password }) => {
        const given = bench.nextLogIn;
        bench.nextLogIn = undefined;
        if (given !== undefined) return given;
        if (password.open() !== PASSWORD || ![ALICE, BOB].includes(asId.account(address))) return { kind: 'refused' };
        return { kind: 'accepted', account: asId.account(address), address, provider: PROVIDER, addresses: [address] };
      },
      addressesOf: (account) => [account],
      takeRecipients: () => true,
    },
    put: async (...request) => {
      const result = await put(...request);
      await bench.afterPut();
      return result;
    },
    board: { health: (path) => ({ path, state: 'up', sinceMs: 0 }), outages: () => [], onChange: () => () => undefined },
    providers: [],
    notifyMirror: (account) => notified.push(account),
    notifyOutbox() {},
    news,
    roomFor: () => true,
    hostname: HOST,
    clientServers: [],
    isSelfSigned: false,
    proxies: [],
    plaintextAuth: 'loopback',
    limits: { messageBytes: 50_000_000, recipients: 100 },
    accepted() {},
    operator: { ready: async () => undefined, metrics: async () => ({ type: 'text/plain', text: '' }) },
    log: { warn: log, error: log },
    ...options,
  });
  const bench: Bench = {
    api,
    store,
    dataDir,
    mailboxes,
    clock,
    notified,
    news,
    nextLogIn: undefined,
    afterPut() {},
    mailbox: (name, { account = ALICE, role } = {}) =>
      mailboxes.write(
        account,
        (mail) =>
          findMailboxByName(mail.tx, account, name)?.id ??
          createMailbox(mail, { name, isSubscribed: true, by: 'upstream', ...(role === undefined ? {} : { role }) }).id,
      ),
    async deliver(mailbox, raw, { account = ALICE, flags = [], atMs = clock.nowMs() } = {}) {
      const bytes = typeof raw === 'string' ? Buffer.from(raw.replaceAll(/\r?\n/g, '\r\n')) : raw;
      const writer = store.blobs.stage();
      await writer.write(bytes);
      const blob = await writer.finish();
      const digest = digestOf(bytes);
      return await mailboxes.write(account, (mail) =>
        addMessage(mail, { mailbox, blob, digest, completeness: 'raw', receivedAtMs: atMs, flags, by: 'upstream' }),
      );
    },
    ask: async (path, init) => await api.app.request(`http://localhost${path}`, init),
    async call(...calls) {
      const methodCalls = calls.map(([name, args, id], index) => [name, args, id ?? `c${index}`]);
      const answer = await bench.ask('/jmap/api', postOf({ using: [CORE, MAIL, SUBMISSION, OUTBOX], methodCalls }));
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      const { methodResponses } = (await answer.json()) as { methodResponses: Answered[] };
      const trouble = methodResponses.find(([, value]) => value['type'] === 'serverFail');
      if (trouble !== undefined) throw new Error(logged.join('\n'));
      return methodResponses;
    },
    async one(name, args = {}) {
      const [first] = await bench.call([name, { accountId: ALICE_ID, ...args }]);
      if (first === undefined) throw new Error('no answer');
      return first[1];
    },
    async [Symbol.asyncDispose]() {
      api.close();
      await mailboxes.close();
      await temp.dispose();
    },
  };
  return bench;
}

export const ALICE_ID = wire.account(ALICE);
export const BOB_ID = wire.account(BOB);

export function basic(address: string = ALICE, password = PASSWORD): Record<string, string> {
  return { host: 'localhost', authorization: `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}` };
}

export function postOf(body: unknown, headers: Record<string, string> = basic()): RequestInit {
  return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function addAccount(store: Store, account: AccountId): Promise<void> {
  await store.write((tx) => {
    putAccount(tx, { id: account, address: account, provider: PROVIDER, name: '', state: 'active', createdAtMs: 0 });
    putVerifier(tx, account, 'verifier', 0);
  });
}
