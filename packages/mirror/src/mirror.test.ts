import { MailError, STAGING_MAILBOX } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { addMessage, changeFlags } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { askForMirror, beginIntent, findMailboxByName, findMirror, insertIntent, openIntents } from '@stopgap/store';
import type { MirrorProgress } from './progress.ts';
import { previewAccount } from './preview.ts';
import { previewText } from './reconcile.ts';
import { ALICE, letter, openBench, type Bench } from './test-bench.ts';
import { LIMIT_MS, running } from './test-running.ts';

/** A clock that counts how often it is looked at before anybody waits, and ends what looks without end: a loop that never waits holds the process. */
function restingClock({ clock }: Bench): Bench['clock'] & { mostLooks(): number } {
  let looks = 0;
  let most = 0;
  return Object.assign(Object.create(clock) as Bench['clock'], {
    nowMs: () => {
      most = Math.max(most, (looks += 1));
      if (looks > 5000) throw new Error('the loop does not rest');
      return clock.nowMs();
    },
    wait: (ms: number, signal: AbortSignal) => {
      looks = 0;
      return clock.wait(ms, signal);
    },
    mostLooks: () => most,
  });
}

describe('the mirror', { timeout: 2 * LIMIT_MS }, () => {
  test('takes over an account, says how far it is, and follows it by IDLE', async () => {
    const bench = await openBench();
    for (let i = 0; i < 60; i += 1) bench.there.deliver('INBOX', letter(i));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    expect(mirror.isEqual()).toBe(true);
    const row = bench.store.read((reader) => findMirror(reader, ALICE));
    expect(JSON.parse(row?.progress ?? '{}') as MirrorProgress).toMatchObject({
      messages: 60,
      total: 60,
      mailboxes: [{ name: 'INBOX', messages: 60, total: 60 }],
    });
    expect(row?.path).toBe(bench.provider.paths.imap.path.id);
    const logIns = bench.provider.paths.imap.logIns;
    const beforeMs = bench.clock.nowMs();
    bench.there.deliver('INBOX', letter('new'));
    await mirror.becomes(() => mirror.isEqual());
    expect(bench.clock.nowMs() - beforeMs).toBeLessThan(20_000);
    expect(bench.provider.paths.imap.logIns).toBe(logIns);
  });

  test('goes on when the clock of this machine is set back', async () => {
    const bench = await openBench();
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    bench.clock.jump(-365 * 24 * 3_600_000);
    bench.there.deliver('INBOX', letter(2));
    await mirror.becomes(() => mirror.isEqual());
  });

  test('leaves out the mailbox that our own routes make for the moment of sending', async () => {
    const bench = await openBench();
    bench.there.createMailbox('Archive', 'archive');
    for (const name of [STAGING_MAILBOX, `INBOX/${STAGING_MAILBOX}`]) {
      bench.there.createMailbox(name);
      bench.there.deliver(name, letter(`on its way in ${name}`));
    }
    bench.there.deliver('INBOX', letter(1));
    await bench.round('imap');
    expect(Object.keys(bench.here()).toSorted()).toEqual(['Archive', 'INBOX']);
  });

  test('goes on by the webmail when IMAP is down, and back, without a UID changed', async () => {
    const bench = await openBench();
    for (let i = 0; i < 10; i += 1) bench.there.deliver('INBOX', letter(i));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
    const uids = bench.here()['INBOX']?.map((message) => message.uid);
    bench.provider.paths.imap.faults.isDown = true;
    bench.there.deliver('INBOX', letter('in the outage'));
    await mirror.becomes(() => mirror.isEqual());
    expect(bench.here()['INBOX']?.map((message) => message.uid)).toEqual([...(uids ?? []), 11]);
    bench.provider.paths.imap.faults.isDown = false;
    bench.deps.board.probed(bench.provider.paths.imap.path.id, { kind: 'answered', elapsedMs: 1 });
    bench.deps.board.probed(bench.provider.paths.imap.path.id, { kind: 'answered', elapsedMs: 1 });
    await mirror.becomes(() => bench.store.read((reader) => findMirror(reader, ALICE))?.path === bench.provider.paths.imap.path.id);
    bench.there.deliver('INBOX', letter('after it'));
    await mirror.becomes(() => mirror.isEqual());
    expect(bench.here()['INBOX']).toHaveLength(12);
    expect(bench.told.filter((one) => one.name === 'pathSwitched')).toHaveLength(3);
  });

  test('an IMAP that greets and does no more keeps nobody from the webmail, and is used again when it does', async () => {
    const bench = await openBench({ kinds: ['imap', 'roundcube'] });
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
    const { imap, roundcube } = bench.provider.paths;
    const path = (): string | undefined => bench.store.read((reader) => findMirror(reader, ALICE))?.path;
    /** Every probe is answered. */
    const within = async (minutes: number, isSo: () => boolean): Promise<boolean> => {
      for (let i = 0; i < minutes * 4 && !isSo(); i += 1) {
        for (const { id } of [imap.path, roundcube.path]) bench.deps.board.probed(id, { kind: 'answered', elapsedMs: 1 });
        await bench.clock.advance(15_000);
      }
      return isSo();
    };
    imap.faults.onCall = () => {
      const text = 'imap.memory.test said NO: Temporary authentication failure';
      throw new MailError('transient', text, { code: 'login-undecided', reason: { class: 'connect', text } });
    };
    bench.there.deliver('INBOX', letter(2));
    expect(await within(2, () => mirror.isEqual())).toBe(true);
    expect(path()).toBe(roundcube.path.id);
    await within(30, () => false);
    expect(imap.logIns).toBeLessThan(12);
    bench.there.deliver('INBOX', letter(3));
    await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, bench.messageIds('INBOX'), { add: ['$seen'], remove: [] }, 'here'));
    expect(await within(2, () => mirror.isEqual() && bench.openIntents() === 0)).toBe(true);
    imap.faults.onCall = undefined;
    expect(await within(20, () => path() === imap.path.id)).toBe(true);
    bench.there.deliver('INBOX', letter(4));
    expect(await within(2, () => mirror.isEqual())).toBe(true);
  });

  test('what a process that died had asked for may still come about: it is not asked for again before that can be seen', async () => {
    const bench = await openBench();
    bench.there.createMailbox('Drafts', 'drafts');
    await bench.round('imap');
    const bytes = letter('draft');
    const writer = bench.store.blobs.stage();
    await writer.write(bytes);
    const blob = await writer.finish();
    await bench.mailboxes.write(ALICE, (mail) => {
      const drafts = findMailboxByName(mail.tx, ALICE, 'Drafts');
      if (!drafts) throw new Error('no Drafts here');
      const content = { blob, digest: digestOf(bytes), completeness: 'raw', receivedAtMs: 0, flags: [] } as const;
      addMessage(mail, { mailbox: drafts.id, ...content, by: 'here' });
      for (const { id } of openIntents(mail.tx, ALICE, 10)) beginIntent(mail.tx, id, 'path');
    });
    await using mirror = running(bench);
    await bench.clock.advance(10_000);
    bench.there.deliver('Drafts', bytes);
    await mirror.becomes(() => bench.openIntents() === 0);
    expect(bench.there.mailbox('Drafts').messages).toHaveLength(1);
    expect(bench.here()['Drafts']).toHaveLength(1);
  });

  test('everything is down: the mailbox is still here, and what is done waits', async () => {
    const bench = await openBench();
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
    for (const { faults } of Object.values(bench.provider.paths)) faults.isDown = true;
    await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, bench.messageIds('INBOX'), { add: ['$seen'], remove: [] }, 'here'));
    await mirror.becomes(() => mirror.state() === 'down');
    expect(bench.here()['INBOX']).toHaveLength(1);
    expect(bench.openIntents()).toBe(1);
    for (const { faults } of Object.values(bench.provider.paths)) faults.isDown = false;
    await mirror.becomes(() => bench.openIntents() === 0 && mirror.isEqual());
  });

  test('a refused log-in changes nothing while others are refused too (law 14), and is told when it is alone', async () => {
    const bench = await openBench({ kinds: ['imap'] });
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
    bench.provider.paths.imap.faults.refusesLogIn = true;
    bench.provider.paths.imap.faults.isDown = true;
    bench.there.deliver('INBOX', letter(2));
    await mirror.becomes(() => mirror.state() !== 'idle');
    expect(mirror.state()).not.toBe('refused');
    bench.provider.paths.imap.faults.isDown = false;
    bench.provider.paths.imap.faults.refusesLogIn = false;
    await mirror.becomes(() => mirror.isEqual());
    expect(bench.here()['INBOX']).toHaveLength(2);
  });

  test('what a command asked for in another process is done at once', async () => {
    const bench = await openBench({ settings: { pollEveryMs: 3_600_000 }, kinds: ['roundcube'] });
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    bench.there.deliver('INBOX', letter(1));
    const beforeMs = bench.clock.nowMs();
    await bench.store.write((tx) => askForMirror(tx, ALICE, bench.clock.nowMs()));
    await mirror.becomes(() => mirror.isEqual());
    expect(bench.clock.nowMs() - beforeMs).toBeLessThan(60_000);
  });

  test('what is done here is carried back soon, without being told', async () => {
    const bench = await openBench({ settings: { pollEveryMs: 3_600_000 } });
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, bench.messageIds('INBOX'), { add: ['$flagged'], remove: [] }, 'here'));
    const beforeMs = bench.clock.nowMs();
    await mirror.becomes(() => bench.openIntents() === 0);
    expect(bench.there.mailbox('INBOX').messages[0]?.flags).toEqual(['$flagged']);
    expect(bench.clock.nowMs() - beforeMs).toBeLessThan(60_000);
  });

  test('what waits behind something that is refused for now asks for no more rounds than that does', async () => {
    const bench = await openBench({ settings: { pollEveryMs: 3_600_000 }, kinds: ['imap'] });
    bench.there.deliver('INBOX', letter(1));
    const { faults } = bench.provider.paths.imap;
    let rounds = 0;
    faults.onCall = (name, when) => {
      if (when === 'before' && name === 'list') rounds += 1;
      const reason = { class: 'policy', text: 'read-only' } as const;
      if (name === 'changeFlags') throw new MailError('transient', 'read-only', { code: 'refused', reason });
    };
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    const flag = (add: string) =>
      bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, bench.messageIds('INBOX'), { add: [add], remove: [] }, 'here'));
    await flag('$flagged');
    await mirror.becomes(() => bench.store.read((reader) => openIntents(reader, ALICE, 1))[0]?.tries === 1);
    await flag('$seen');
    rounds = 0;
    for (let i = 0; i < 600; i += 1) await bench.clock.advance(1000);
    expect(rounds).toBeGreaterThan(1);
    expect(rounds).toBeLessThan(20);
    faults.onCall = undefined;
    await mirror.becomes(() => bench.openIntents() === 0);
    expect(bench.there.mailbox('INBOX').messages[0]?.flags).toEqual(['$flagged', '$seen']);
  });

  test('what another process left is carried back soon, and what waits for its time when that has come', async () => {
    const bench = await openBench({ settings: { pollEveryMs: 24 * 3_600_000 }, kinds: ['imap'] });
    bench.there.deliver('INBOX', letter(1));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    const inbox = bench.store.read((reader) => findMailboxByName(reader, ALICE, 'INBOX'));
    bench.provider.paths.imap.faults.losesAnswer = 'before';
    await bench.store.write((tx) => {
      const [message] = bench.messageIds('INBOX');
      if (!inbox || message === undefined) throw new Error('nothing is here');
      const work = { kind: 'flags', add: ['$flagged'], remove: [] } as const;
      insertIntent(tx, { account: ALICE, message, mailbox: inbox.id, work, nowMs: bench.clock.nowMs() });
    });
    const beforeMs = bench.clock.nowMs();
    await mirror.becomes(() => bench.openIntents() === 0);
    expect(bench.there.mailbox('INBOX').messages[0]?.flags).toEqual(['$flagged']);
    expect(bench.clock.nowMs() - beforeMs).toBeLessThan(120_000);
  });

  test('while every path is down, the loop rests, whatever a kept session or a person asks for', async () => {
    const bench = await openBench({ kinds: ['imap'] });
    const { path, faults } = bench.provider.paths.imap;
    bench.there.deliver('INBOX', letter(1));
    const clock = restingClock(bench);
    await using mirror = running({ ...bench, deps: { ...bench.deps, clock } });
    await mirror.becomes(() => mirror.state() === 'idle');
    // The probes are quicker than the session that watches for news.
    for (let i = 0; i < 3; i += 1) bench.deps.board.probed(path.id, { kind: 'failed', reason: { class: 'connect', text: 'refused' } });
    faults.isDown = true;
    bench.there.deliver('INBOX', letter(2));
    await mirror.becomes(() => mirror.state() === 'down');
    await bench.store.write((tx) => askForMirror(tx, ALICE, bench.clock.nowMs()));
    for (let i = 0; i < 10; i += 1) await bench.clock.advance(1000);
    expect(clock.mostLooks()).toBeLessThan(100);
    faults.isDown = false;
    await mirror.becomes(() => mirror.isEqual());
  });

  test('a dry run says what a round would do, and does nothing', async () => {
    const bench = await openBench({ settings: { pollEveryMs: 3_600_000 }, kinds: ['roundcube'] });
    for (let i = 0; i < 5; i += 1) bench.there.deliver('INBOX', letter(i));
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.state() === 'idle');
    bench.there.deliver('INBOX', letter('new'));
    bench.there.changeFlags('INBOX', 1, { add: ['$flagged'], remove: [] });
    bench.there.expunge('INBOX', 2);
    const before = bench.here();
    const preview = await previewAccount(ALICE, bench.deps, new AbortController().signal);
    expect(preview.mailboxes).toEqual([{ name: 'INBOX', isNewHere: false, toFetch: 1, flagsChanged: 1, missing: 1 }]);
    expect(previewText(preview)).toContain('INBOX: 1 to fetch, 1 with other flags, 1 missing\nnothing to carry back');
    expect(bench.here()).toEqual(before);
  });

  test.each([
    ['as long as it asks', 10 * 60_000, 10 * 60_000],
    ['an hour at most', 24 * 3_600_000, 3_600_000],
  ])('a provider that asks to come back later is left alone %s', async (_, retryAfterMs, pauseMs) => {
    const bench = await openBench({ kinds: ['jmap'] });
    bench.there.deliver('INBOX', letter(1));
    const { faults } = bench.provider.paths.jmap;
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
    bench.there.deliver('INBOX', letter(2));
    const callsAtMs: number[] = [];
    faults.onCall = (name, when) => {
      if (when === 'before') callsAtMs.push(bench.clock.nowMs());
      if (name !== 'list' || callsAtMs.length > 1) return;
      const text = 'come back later';
      throw new MailError('transient', text, { code: 'busy', reason: { class: 'throttled', text }, retryAfterMs });
    };
    await mirror.becomes(() => callsAtMs.length > 0);
    bench.clock.jump(pauseMs - 60_000);
    await mirror.becomes(() => mirror.isEqual());
    const [askedAtMs = 0, nextAtMs = 0] = callsAtMs;
    expect(nextAtMs - askedAtMs).toBeGreaterThanOrEqual(pauseMs);
    // A probe or a poll later, not a day.
    expect(nextAtMs - askedAtMs).toBeLessThan(pauseMs + 120_000);
  });

  test('a provider that falls silent does not hold an account for ever', async () => {
    const bench = await openBench({ kinds: ['imap', 'roundcube'] });
    bench.there.deliver('INBOX', letter(1));
    bench.provider.paths.imap.faults.onCall = (name) => (name === 'changes' ? new Promise(() => undefined) : undefined);
    await using mirror = running(bench);
    await mirror.becomes(() => mirror.isEqual());
  });

  test('stopping in the middle of a round ends every session', async () => {
    const bench = await openBench();
    for (let i = 0; i < 500; i += 1) bench.there.deliver('INBOX', letter(i));
    bench.provider.paths.imap.faults.delayMs = 50;
    {
      await using mirror = running(bench);
      await mirror.becomes(() => (bench.here()['INBOX'] ?? []).length > 0);
    }
    expect(bench.provider.paths.imap.open.size).toBe(0);
  });
});
