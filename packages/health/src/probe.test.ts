import { asId, Secret, type Path, type ProbeResult, type Provider, type Upstream } from '@stopgap/core';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { answered, provider as practiceProvider, smarthost, smtp, unreachable } from './test-bench.ts';
import { Board, runProbes, type Upstreams } from './index.ts';

const provider: Provider = { ...practiceProvider, outgoing: [smtp] };

function upstreamWith(probe: (path: Path, signal: AbortSignal) => Promise<ProbeResult>): Upstream {
  return { probe, verify: () => Promise.resolve({ kind: 'accepted' }) };
}

interface Recorded {
  readonly times: number[];
  readonly results: ProbeResult[];
  readonly paths: string[];
}

/** Runs the loops for a while, stops them, and proves that nothing is left waiting. */
async function record(
  upstreams: Upstreams,
  forMs: number,
  options: { readonly provider?: Provider; readonly random?: () => number } = {},
): Promise<Recorded> {
  const clock = new FakeClock(0);
  const stop = new AbortController();
  const recorded: Recorded = { times: [], results: [], paths: [] };
  const board = {
    probed(path: string, result: ProbeResult) {
      recorded.times.push(clock.nowMs());
      recorded.results.push(result);
      recorded.paths.push(path);
    },
    authWorked: () => undefined,
    authFailed: () => undefined,
  };
  const random = options.random ?? (() => 0.5);
  const running = runProbes({ board, upstreams, providers: [options.provider ?? provider], clock, random, signal: stop.signal });
  await clock.advance(forMs);
  stop.abort();
  await running;
  expect(clock.pendingWaits).toBe(0);
  return recorded;
}

test('a path is probed at once and then every interval, whether it answers or not', async () => {
  const results = [answered, unreachable, unreachable, answered];
  const smtpUpstream = upstreamWith(() => Promise.resolve(results.shift() ?? unreachable));
  const recorded = await record({ smtp: smtpUpstream }, 60_000);
  expect(recorded.times).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
  expect(recorded.results.map((result) => result.kind)).toEqual(['answered', 'failed', 'failed', 'answered', 'failed']);
});

test('the interval has jitter of a fifth', async () => {
  const randoms = [0, 0.999];
  const recorded = await record({ smtp: upstreamWith(() => Promise.resolve(answered)) }, 30_000, { random: () => randoms.shift() ?? 0.5 });
  expect(recorded.times[1]).toBe(12_000);
  expect(recorded.times[2]).toBeCloseTo(29_994, 0);
});

test('a probe that never ends fails at its time limit and does not stop the loop', async () => {
  let aborted = 0;
  const hanging = upstreamWith((_path, signal) => {
    signal.addEventListener('abort', () => (aborted += 1));
    return new Promise(() => undefined);
  });
  const recorded = await record({ smtp: hanging }, 30_000);
  expect(recorded.times).toEqual([10_000]);
  expect(recorded.results).toEqual([{ kind: 'failed', reason: { class: 'connect', text: 'no answer within 10 s' } }]);
  expect(aborted).toBe(2);
});

test('a probe that throws does not stop the loop and says nothing about the path', async () => {
  const throwing = upstreamWith(() => Promise.reject(new Error('a bug')));
  const recorded = await record({ smtp: throwing }, 15_000);
  expect(recorded.results).toEqual([
    { kind: 'failed', reason: { class: 'internal', text: 'a bug' } },
    { kind: 'failed', reason: { class: 'internal', text: 'a bug' } },
  ]);
});

test('stopping during a probe reports nothing', async () => {
  const slow = upstreamWith((_path, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(unreachable))));
  const recorded = await record({ smtp: slow }, 5000);
  expect(recorded.results).toEqual([]);
});

test('a smarthost is probed as SMTP, and a kind without an upstream is not probed', async () => {
  const seen: string[] = [];
  const upstream = upstreamWith((path) => {
    seen.push(path.id);
    return Promise.resolve(answered);
  });
  const both: Provider = {
    ...provider,
    outgoing: [smarthost],
    incoming: [{ ...smtp, kind: 'imap', direction: 'incoming', id: asId.path('i') }],
  };
  const recorded = await record({ smtp: upstream }, 1000, { provider: both });
  expect(recorded.paths).toEqual([smarthost.id]);
  expect(seen).toEqual([smarthost.id]);
});

test('a refused connection is not remembered past the recovery: the board follows the probes down and up again', async () => {
  const clock = new FakeClock(0);
  await using temp = await tempStore();
  const board = await Board.open({ store: temp.store, clock, random: () => 0.5, providers: [provider] });
  let isUp = true;
  const upstreams = { smtp: upstreamWith(() => Promise.resolve(isUp ? answered : unreachable)) };
  const stop = new AbortController();
  const running = runProbes({ board, upstreams, providers: [provider], clock, random: () => 0.5, signal: stop.signal });
  const states: string[] = [];
  for (const change of [true, false, true]) {
    isUp = change;
    for (let i = 0; i < 3; i += 1) {
      await clock.advance(15_000);
      states.push(board.health(smtp.id).state);
    }
  }
  expect(states).toEqual(['up', 'up', 'up', 'up', 'down', 'down', 'impaired', 'up', 'up']);
  expect(board.outages(0)).toMatchObject([{ startMs: 60_000, endMs: 120_000 }]);
  stop.abort();
  await running;
  await board.close();
});

test('with an account named for it, a log-in is tried on a path that answers, once in five minutes', async () => {
  const account = asId.account('probe@provider.test');
  const clock = new FakeClock(0);
  const stop = new AbortController();
  const said: string[] = [];
  const verdicts = ['accepted', 'refused', 'undecided'] as const;
  const upstream: Upstream = {
    probe: () => Promise.resolve(answered),
    verify: async (_, credential) => {
      said.push(`${clock.nowMs()} ${credential.username}`);
      return { kind: verdicts[said.filter((line) => line.includes('@')).length - 1] ?? 'undecided', reason: { class: 'auth', text: 'no' } };
    },
  };
  const running = runProbes({
    board: {
      probed: () => undefined,
      authWorked: (path, who) => void said.push(`worked ${path} ${who === account}`),
      authFailed: (path, who) => void said.push(`failed ${path} ${who === account}`),
    },
    upstreams: { smtp: upstream },
    providers: [{ ...provider, probe: { ...provider.probe, account } }],
    credentialOf: async () => ({ username: 'probe@provider.test', password: new Secret('x') }),
    clock,
    random: () => 0.5,
    signal: stop.signal,
  });
  await clock.advance(11 * 60_000);
  stop.abort();
  await running;
  expect(said).toEqual([
    '0 probe@provider.test',
    `worked ${smtp.id} true`,
    '300000 probe@provider.test',
    `failed ${smtp.id} true`,
    '600000 probe@provider.test',
  ]);
});
