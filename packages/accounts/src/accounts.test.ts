import {
  asId,
  pathIdOf,
  Secret,
  type Clock,
  type HostPath,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type PathId,
  type PathState,
  type Provider,
  type Upstream,
} from '@stopgap/core';
import {
  askedMirrors,
  beginLeaving,
  findAccount,
  findCredential,
  findMirror,
  insertRecipients,
  insertSubmission,
  keepBlob,
  openVault,
  postponeRecipient,
  putMirror,
  recipientsOf,
} from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccounts, type Accounts, type AccountsOptions, type LogIn, type LogInRequest, type PathJudge } from './index.ts';

const REFUSED: LoginVerdict = { kind: 'refused', reason: { class: 'auth', text: 'wrong password' } };
const UNDECIDED: LoginVerdict = { kind: 'undecided', reason: { class: 'connect', text: 'connection refused' } };
const HERE = '192.0.2.1';

const imap = pathOf('incoming', 'imap', 'imap.a.test:993');
const pop3 = pathOf('incoming', 'pop3', 'pop.a.test:995');
const smtp = pathOf('outgoing', 'smtp', 'smtp.a.test:587');
const provider: Provider = {
  name: asId.provider('a'),
  domains: ['a.test', 'A-Other.test'],
  login: 'address',
  incoming: [imap, pop3],
  outgoing: [smtp],
  probe: { everyMs: 1, timeoutMs: 1, downAfter: 1, upAfter: 1 },
};

/** The provider: knows passwords, and each of its paths may be dead or lie. */
class FakeProvider implements Upstream {
  readonly passwords = new Map<string, string>();
  readonly asked: { readonly path: PathId; readonly credential: LoginCredential }[] = [];
  readonly answers = new Map<PathId, LoginVerdict>();
  hold: Promise<void> | undefined;
  /** Called for each question. */
  taking: () => void = () => undefined;

  async probe() {
    return { kind: 'answered', elapsedMs: 1 } as const;
  }

  async verify(path: Path, credential: LoginCredential): Promise<LoginVerdict> {
    this.asked.push({ path: path.id, credential });
    await this.hold;
    this.taking();
    const isRight = this.passwords.get(credential.username) === credential.password.open();
    return this.answers.get(path.id) ?? (isRight ? { kind: 'accepted' } : REFUSED);
  }

  everyPathAnswers(verdict: LoginVerdict | undefined): void {
    for (const { id } of [imap, pop3, smtp]) {
      if (verdict) this.answers.set(id, verdict);
      else this.answers.delete(id);
    }
  }
}

class FakeBoard implements PathJudge {
  readonly states = new Map<PathId, PathState>();
  readonly worked: PathId[] = [];
  believes = true;

  health(path: PathId) {
    return { path, state: this.states.get(path) ?? 'up', sinceMs: 0 } as const;
  }

  believesAuthFailure(): boolean {
    return this.believes;
  }

  authWorked(path: PathId): void {
    this.worked.push(path);
  }
}

describe('accounts', () => {
  let temp: TempStore;
  let upstream: FakeProvider;
  let board: FakeBoard;
  let nowMs: number;
  let waitedMs: number[];
  let accounts: Accounts;

  const open = async (options: Partial<AccountsOptions> = {}): Promise<Accounts> => {
    const clock: Clock = {
      nowMs: () => nowMs,
      wait: async (ms) => {
        waitedMs.push(ms);
      },
    };
    return createAccounts({
      store: temp.store,
      vault: await temp.store.read((reader) => openVault({ dataDir: temp.dataDir, reader })),
      providers: [provider],
      upstreams: { imap: upstream, pop3: upstream, smtp: upstream },
      board,
      clock,
      elapsedMs: () => nowMs,
      limits: { loginFailures: { perAccount: 5, perAddress: 12, withinMs: 60_000 }, recipientsPerHour: false },
      enrolment: 'open',
      ...options,
    });
  };
  const logIn = (address: string, password: string, remoteAddress = HERE): Promise<LogIn> =>
    accounts.logIn({ address, password: new Secret(password), door: 'smtp', remoteAddress }, AbortSignal.timeout(60_000));
  const kindOf = async (address: string, password: string, remoteAddress = HERE): Promise<string> =>
    (await logIn(address, password, remoteAddress)).kind;

  beforeEach(async () => {
    temp = await tempStore();
    upstream = new FakeProvider();
    upstream.passwords.set('ann@a.test', 'right');
    board = new FakeBoard();
    nowMs = 1_000_000;
    waitedMs = [];
    accounts = await open();
  });
  afterEach(async () => {
    accounts.close();
    await temp.dispose();
  });

  test('an unknown address that its provider knows becomes an account, and is asked about once', async () => {
    expect(await logIn('Ann@A.test', 'right')).toEqual({ kind: 'refused' });
    upstream.passwords.set('Ann@a.test', 'right too');
    expect(await logIn('Ann@A.test', 'right too')).toEqual({
      kind: 'accepted',
      account: 'ann@a.test',
      address: 'Ann@a.test',
      provider: 'a',
      addresses: ['ann@a.test'],
    });
    upstream.everyPathAnswers(UNDECIDED);
    const askedBefore = upstream.asked.length;
    expect(await kindOf('ann@a.test', 'right too')).toBe('accepted');
    accounts = await open();
    expect(await kindOf('ann@a.test', 'right too')).toBe('accepted');
    expect(upstream.asked).toHaveLength(askedBefore);
    expect(board.worked).toEqual([imap.id]);
  });

  test('the credential is sealed, and opened only when it is asked for', async () => {
    await logIn('ann@a.test', 'right');
    const row = temp.store.read((reader) => findCredential(reader, asId.account('ann@a.test')));
    expect(row?.sealed).not.toContain('right');
    const credential = await accounts.credentialFor(asId.account('ann@a.test'))();
    expect([credential?.username, credential?.password.open()]).toEqual(['ann@a.test', 'right']);
    expect(await accounts.credentialFor(asId.account('nobody@a.test'))()).toBeUndefined();
    await temp.store.write((tx) => tx.run("UPDATE credential SET sealed = 'damaged'"));
    expect(await accounts.credentialFor(asId.account('ann@a.test'))()).toBeUndefined();
  });

  test('while every path is down a stranger is undecided and a known user gets in', async () => {
    await logIn('ann@a.test', 'right');
    upstream.everyPathAnswers(UNDECIDED);
    accounts = await open();
    expect(await kindOf('bob@a.test', 'any')).toBe('undecided');
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
    expect(await kindOf('ann@a.test', 'mistyped')).toBe('refused');
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
  });

  test('a path that works is asked before one that is down, and one that accepts is enough', async () => {
    board.states.set(imap.id, 'down').set(pop3.id, 'impaired');
    upstream.answers.set(smtp.id, UNDECIDED);
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
    expect(upstream.asked.map(({ path }) => path)).toEqual([smtp.id, pop3.id]);
  });

  test('law 14: "wrong password" from a path that is down, or during an outage, is not believed', async () => {
    upstream.everyPathAnswers(REFUSED);
    for (const { id } of [imap, pop3, smtp]) board.states.set(id, 'down');
    expect(await kindOf('ann@a.test', 'right')).toBe('undecided');
    board.states.clear();
    board.believes = false;
    expect(await kindOf('ann@a.test', 'right too')).toBe('undecided');
    board.believes = true;
    expect(await kindOf('ann@a.test', 'right three')).toBe('refused');
    expect(upstream.asked.slice(-2).map(({ path }) => path)).toEqual([imap.id, pop3.id]);
  });

  test('law 14: one path that says "wrong password" turns nobody away while another kind says otherwise, or nothing', async () => {
    upstream.answers.set(imap.id, REFUSED);
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
    upstream.answers.set(pop3.id, UNDECIDED);
    expect(await kindOf('bob@a.test', 'any')).toBe('undecided');
    board.states.set(pop3.id, 'down').set(smtp.id, 'down');
    expect(await kindOf('bob@a.test', 'any other')).toBe('refused');
  });

  test('law 14: a refusal changes nothing about the account', async () => {
    await logIn('ann@a.test', 'right');
    const before = temp.store.read((reader) => [
      findAccount(reader, asId.account('ann@a.test')),
      findCredential(reader, asId.account('ann@a.test')),
    ]);
    expect(await kindOf('ann@a.test', 'wrong')).toBe('refused');
    expect(
      temp.store.read((reader) => [findAccount(reader, asId.account('ann@a.test')), findCredential(reader, asId.account('ann@a.test'))]),
    ).toEqual(before);
  });

  test('a password that was changed at the provider is taken over, and the old one ends at once', async () => {
    await logIn('ann@a.test', 'right');
    upstream.passwords.set('ann@a.test', 'new');
    expect(await kindOf('ann@a.test', 'new')).toBe('accepted');
    expect((await accounts.credentialFor(asId.account('ann@a.test'))())?.password.open()).toBe('new');
    expect(await kindOf('ann@a.test', 'right')).toBe('refused');
  });

  test('with a new password what waited for it goes on at once: the mirror, and mail that has not left', async () => {
    const ann = asId.account('ann@a.test');
    const submission = asId.submission('waiting');
    await logIn('ann@a.test', 'right');
    const writer = temp.store.blobs.stage();
    await writer.write(Buffer.from('mail'));
    const blob = await writer.finish();
    const laterMs = nowMs + 1_800_000;
    await temp.store.write((tx) => {
      putMirror(tx, { account: ann, state: 'refused', sinceMs: nowMs, nextAtMs: laterMs });
      const envelope = { from: 'ann@a.test', smtpUtf8: false, eightBitMime: false };
      const arrival = { helo: 'laptop', protocol: 'ESMTPSA', acceptedAtMs: nowMs } as const;
      const row = { id: submission, account: ann, provider: provider.name, kind: 'message', envelope, ...arrival } as const;
      const kept = { ...row, messageId: '<waiting@a.test>', blob: keepBlob(tx, blob) };
      insertSubmission(tx, kept, 'fingerprint');
      insertRecipients(tx, kept, [{ address: 'bob@else.test' }]);
      for (const { id } of recipientsOf(tx, submission)) postponeRecipient(tx, id, laterMs);
    });
    const next = () =>
      temp.store.read((reader) => [findMirror(reader, ann)?.nextAtMs, ...recipientsOf(reader, submission).map((one) => one.notBeforeMs)]);
    await logIn('ann@a.test', 'right');
    expect(next()).toEqual([laterMs, laterMs]);
    upstream.passwords.set('ann@a.test', 'new');
    await logIn('ann@a.test', 'new');
    expect(next()).toEqual([nowMs, nowMs]);
    expect(temp.store.read((reader) => askedMirrors(reader))).toEqual([ann]);
  });

  test('a removed account ends at once, for a log-in seen a moment ago too', async () => {
    await logIn('ann@a.test', 'right');
    expect(await accounts.remove('Ann@A.test')).toBe(true);
    expect(accounts.addressesOf(asId.account('ann@a.test'))).toBeUndefined();
    upstream.everyPathAnswers(REFUSED);
    expect(await kindOf('ann@a.test', 'right')).toBe('refused');
    expect(await accounts.remove('ann@a.test')).toBe(false);
  });

  test('while an account is being erased nobody logs in to it, and nobody is told that the password is wrong', async () => {
    const ann = asId.account('ann@a.test');
    await logIn('ann@a.test', 'right');
    await temp.store.write((tx) => beginLeaving(tx, ann, 1));
    const asked = upstream.asked.length;
    expect(await kindOf('ann@a.test', 'right')).toBe('undecided');
    expect(accounts.addressesOf(ann)).toBeUndefined();
    expect(upstream.asked).toHaveLength(asked);
    // What waits in the queue may still leave.
    expect(await accounts.credentialFor(ann)()).toBeDefined();
    await accounts.remove('ann@a.test');
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
  });

  test('a store that could not write makes a first log-in undecided, and the next one is not held up by it', async () => {
    const { store } = temp;
    let fails = true;
    accounts = await open({
      store: { ...store, write: (job) => (fails ? Promise.reject(new Error('the disk is full')) : store.write(job)) },
    });
    expect(await kindOf('ann@a.test', 'right')).toBe('undecided');
    fails = false;
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
  });

  test('twenty first log-ins at once ask the provider once', async () => {
    let release: () => void = () => undefined;
    upstream.hold = new Promise((resolve) => (release = resolve));
    const all = Array.from({ length: 20 }, () => kindOf('ann@a.test', 'right'));
    while (upstream.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['accepted']));
    expect(upstream.asked).toHaveLength(1);
  });

  test('with enrolment closed only accounts that were added log in, and nobody is asked about others', async () => {
    accounts = await open({ enrolment: 'closed' });
    expect(await kindOf('ann@a.test', 'right')).toBe('refused');
    expect(upstream.asked).toHaveLength(0);
  });

  test('an account that is added right after its log-in was refused gets in at once', async () => {
    accounts = await open({ enrolment: 'closed' });
    expect(await kindOf('ann@a.test', 'right')).toBe('refused');
    // Another process adds it: `stopgap account add` beside `stopgap serve`.
    const operator = await open();
    await operator.add({ address: 'ann@a.test', password: new Secret('right') }, AbortSignal.timeout(60_000));
    expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
    operator.close();
  });

  test.each(['nobody', 'x@elsewhere.test', '', '@', 'a@b@a.test', 'ann%b.test@a.test', `${'x'.repeat(300)}@a.test`])(
    'nobody is asked about %s, and the refusal takes as long',
    async (address) => {
      expect(await kindOf(address, 'right')).toBe('refused');
      expect(upstream.asked).toHaveLength(0);
      expect(waitedMs).toEqual([1000]);
    },
  );

  test.each([
    ['a wrong password', 'ann@a.test'],
    ['an unknown user, whom the provider is asked about', 'nobody@a.test'],
    ['an unknown domain, about which nobody is asked', 'ann@nowhere.test'],
  ])('%s is refused at the same moment, however long the asking took', async (_, address) => {
    await logIn('ann@a.test', 'right', '192.0.2.99');
    // Two kinds of path are asked, 400 ms together.
    upstream.taking = () => void (nowMs += 200);
    const startedMs = nowMs;
    waitedMs = [];
    expect(await kindOf(address, 'wrong')).toBe('refused');
    expect(nowMs - startedMs + (waitedMs[0] ?? 0)).toBe(1000);
  });

  test.each([
    ['an empty password', ''],
    ['NUL', 'a\0b'],
    ['a line end', 'a\r\nb'],
    ['an endless one', 'x'.repeat(5000)],
  ])('%s is refused without asking', async (_, password) => {
    expect(await kindOf('ann@a.test', password)).toBe('refused');
    expect(upstream.asked).toHaveLength(0);
  });

  describe('pending accounts', () => {
    const addUnverified = () =>
      accounts.add({ address: 'ann@a.test', password: new Secret('right'), unverified: true }, AbortSignal.timeout(1000));

    test('are added without asking, and get in on the word of the operator while nobody can say', async () => {
      expect(await addUnverified()).toEqual({ kind: 'added', account: 'ann@a.test', state: 'pending', refusedAliases: [] });
      upstream.everyPathAnswers(UNDECIDED);
      expect(await kindOf('ann@a.test', 'right')).toBe('accepted');
      expect(await kindOf('ann@a.test', 'other')).toBe('undecided');
      expect(accounts.list()).toMatchObject([{ id: 'ann@a.test', state: 'pending', hasCredential: true }]);
    });

    test('become active with the first log-in that a path confirms', async () => {
      upstream.passwords.set('ann@a.test', 'other');
      await addUnverified();
      expect(await kindOf('ann@a.test', 'right')).toBe('refused');
      expect(await kindOf('ann@a.test', 'other')).toBe('accepted');
      expect(accounts.list()).toMatchObject([{ state: 'active' }]);
    });

    test('never take the place of an active one', async () => {
      await logIn('ann@a.test', 'right');
      expect(await addUnverified()).toEqual({ kind: 'exists', account: 'ann@a.test' });
    });
  });

  test('add asks the provider first, and says what it heard', async () => {
    const add = (address: string, password: string) =>
      accounts.add({ address, password: new Secret(password), aliases: ['sales@a.test'] }, AbortSignal.timeout(1000));
    expect(await add('ann@a.test', 'wrong')).toMatchObject({ kind: 'refused' });
    expect(await add('ann@elsewhere.test', 'right')).toEqual({ kind: 'unknown-provider' });
    expect(await add('ann@a.test', 'right')).toEqual({ kind: 'added', account: 'ann@a.test', state: 'active', refusedAliases: [] });
    upstream.passwords.set('bob@a-other.test', 'b');
    expect(await add('bob@a-other.test', 'b')).toMatchObject({ kind: 'added', refusedAliases: ['sales@a.test'] });
    upstream.everyPathAnswers(UNDECIDED);
    expect(await add('carl@a.test', 'c')).toMatchObject({ kind: 'undecided' });
    expect(await logIn('ann@a.test', 'right')).toMatchObject({ addresses: ['ann@a.test', 'sales@a.test'] });
  });

  describe('guessing', () => {
    beforeEach(async () => {
      await logIn('ann@a.test', 'right', '192.0.2.99');
    });

    test('a hundred passwords from one address: the rest is throttled unseen, and the user elsewhere gets in', async () => {
      const kinds = [];
      for (let n = 0; n < 100; n += 1) kinds.push(await kindOf('ann@a.test', `guess ${n}`));
      expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(5);
      expect(kinds.filter((kind) => kind === 'throttled')).toHaveLength(95);
      expect(upstream.asked.length).toBeLessThanOrEqual(12);
      expect(await kindOf('ann@a.test', 'right')).toBe('throttled');
      expect(await kindOf('ann@a.test', 'right', '192.0.2.99')).toBe('accepted');
      expect(await kindOf('ann@a.test', 'right', '203.0.113.7')).toBe('accepted');
    });

    test('is counted over all doors together', async () => {
      const by = (door: LogInRequest['door'], password: string) =>
        accounts.logIn({ address: 'ann@a.test', password: new Secret(password), door, remoteAddress: HERE }, AbortSignal.timeout(60_000));
      const kinds = [];
      for (const [nth, door] of (['smtp', 'imap', 'pop3', 'http', 'smtp', 'pop3', 'imap'] as const).entries()) {
        kinds.push((await by(door, `guess ${nth}`)).kind);
      }
      expect(kinds).toEqual([...Array<string>(5).fill('refused'), 'throttled', 'throttled']);
    });

    test('a hundred at once: no more are weighed than one after the other, but for the few under way', async () => {
      const kinds = await Promise.all(Array.from({ length: 100 }, (_, n) => kindOf('ann@a.test', `guess ${n}`)));
      expect(kinds.filter((kind) => kind === 'refused').length).toBeLessThanOrEqual(5 + 2 + 8);
      expect(kinds).toContain('throttled');
    });

    // A hundred hashes that are meant to be slow.
    test(
      'one user from a hundred addresses: throttled, and the right password still gets in from a new one',
      { timeout: 120_000 },
      async () => {
        const kinds = [];
        for (let n = 0; n < 100; n += 1) kinds.push(await kindOf('ann@a.test', `guess ${n}`, `127.0.0.${n}`));
        expect(kinds.slice(5).every((kind) => kind === 'throttled')).toBe(true);
        expect(await kindOf('ann@a.test', 'right', '127.0.1.1')).toBe('accepted');
        expect(await kindOf('ann@a.test', 'right', '192.0.2.99')).toBe('accepted');
      },
    );

    test('many users from one address: the address is throttled until the time is over', async () => {
      for (let n = 0; n < 12; n += 1) expect(await kindOf(`user${n}@a.test`, 'password1')).toBe('refused');
      expect(await logIn('user99@a.test', 'password1')).toEqual({ kind: 'throttled', retryAfterMs: 60_000 });
      nowMs += 60_001;
      expect(await kindOf('user99@a.test', 'password1')).toBe('refused');
    });

    test('a phone that repeats an old password neither locks its user out nor asks the provider each time', async () => {
      upstream.asked.length = 0;
      for (let n = 0; n < 50; n += 1) await kindOf('ann@a.test', 'old one', '192.0.2.99');
      expect(await kindOf('ann@a.test', 'right', '192.0.2.99')).toBe('accepted');
      expect(upstream.asked).toHaveLength(2);
    });
  });

  test('recipients in an hour are counted against the limit', async () => {
    accounts = await open({ limits: { loginFailures: { perAccount: 5, perAddress: 12, withinMs: 60_000 }, recipientsPerHour: 3 } });
    const ann = asId.account('ann@a.test');
    expect([accounts.takeRecipients(ann, 2), accounts.takeRecipients(ann, 2), accounts.takeRecipients(ann, 1)]).toEqual([
      true,
      false,
      true,
    ]);
    nowMs += 3_600_001;
    expect(accounts.takeRecipients(ann, 3)).toBe(true);
  });
});

function pathOf(direction: 'incoming' | 'outgoing', kind: HostPath['kind'], place: string): HostPath {
  const [host = '', port] = place.split(':');
  return {
    id: pathIdOf('a', direction, kind, place),
    provider: asId.provider('a'),
    direction,
    kind,
    host,
    port: Number(port),
    security: 'tls',
    connections: 10,
  };
}
