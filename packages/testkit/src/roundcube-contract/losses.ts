import { describe, expect, test } from 'vitest';
import { addresses } from './bytes.ts';
import { departures, deliver, expectSentOnce, findSent, type Bench } from './harness.ts';
import { copiesOf, jobOf, letter, type Letter, type TestJob } from './letters.ts';
import { PASS, type Fate, type TapRequest } from './tap.ts';

const OUT = 'friend@outside.test';
/** With its log-in and its tidying one delivery takes up to 30 requests; the last runs meet no cut any more. */
const MOST_REQUESTS = 32;

/** The sending itself. */
function isSending(request: TapRequest): boolean {
  return request.method === 'POST' && request.action === 'bounce';
}

/** The first sending meets this fate, all else passes. */
function onSending(fate: Fate): (request: TapRequest) => Fate {
  let met = false;
  return (request) => {
    if (met || !isSending(request)) return PASS;
    met = true;
    return fate;
  };
}

export function testLosses(bench: () => Bench): void {
  test.for<[string, Fate]>([
    ['the answer is lost', { kind: 'lose-answer' }],
    ['garbage answers', { kind: 'answer', status: 200, type: 'application/json', body: '{"exec":"this.oops(', isDone: true }],
    ['an empty answer comes', { kind: 'answer', status: 200, type: 'application/json', body: '', isDone: true }],
    ['an unknown page answers', { kind: 'answer', status: 200, type: 'text/html', body: '<h1>Welcome</h1>', isDone: true }],
    ['a proxy gives up', { kind: 'answer', status: 504, type: 'text/html', body: 'Gateway Time-out', isDone: true }],
  ])('the mail left and %s: unsure, then found in Sent, once', async ([, fate]) => {
    const { world, tap, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    tap.setRule(onSending(fate));
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure', reason: { class: 'lost-answer' } }]);
    expect(await findSent(route, job)).toBe('sent');
    await expectSentOnce(world, me, mail);
    expect(await findSent(route, job)).toBe('sent');
  });

  test('the request was lost: unsure, then proven not sent, then sent once', async () => {
    const { world, tap, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    tap.setRule(onSending({ kind: 'lose-request' }));
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, job)).toBe('not-sent');
    const again = jobOf({ world, letter: mail, to: [OUT] });
    expect(await deliver(route, again)).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
    expect(await findSent(route, job)).toBe('not-sent');
    expect(await findSent(route, again)).toBe('sent');
  });

  test.for<[string, Fate]>([
    ['the session is over', { kind: 'change', headers: (headers) => ({ ...headers, cookie: '' }) }],
    [
      'the token is refused',
      {
        kind: 'change',
        headers: (headers) => ({ ...headers, 'x-roundcube-request': 'wrong' }),
        body: (body) => body.replace(/_token=[^&]*/, '_token=wrong'),
      },
    ],
  ])('%s just when it is to be sent: a new log-in, and it is sent in the same attempt', async ([, fate]) => {
    const { world, tap, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    tap.setRule(onSending(fate));
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test('a session that ends before a download gives no login page for a mail', async () => {
    const { world, tap, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    let ended = 0;
    tap.setRule((request) => {
      if (request.action !== 'viewsource' || ended++ > 0) return PASS;
      return { kind: 'change', headers: (headers) => ({ ...headers, cookie: '' }) };
    });
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    expect(ended).toBeGreaterThan(0);
    await expectSentOnce(world, me, mail);
  });

  test('an abort before the mark defers, one after it leaves the end open', async () => {
    const { world, tap, route } = bench();
    const [me] = addresses(bench());
    const early = new AbortController();
    tap.setRule((request) => {
      if (request.action === 'import') early.abort();
      return PASS;
    });
    const first = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect(await deliver(route, first, early.signal)).toMatchObject([{ kind: 'deferred', reason: { class: 'cancelled' } }]);
    expect(first.marks()).toBe(0);
    const late = new AbortController();
    tap.setRule((request) => {
      if (isSending(request)) late.abort();
      return PASS;
    });
    const second = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect(await deliver(route, second, late.signal)).toMatchObject([{ kind: 'unsure' }]);
    tap.setRule(() => PASS);
  });

  describe.for(['lose-request', 'lose-answer'] as const)('the program is gone at request n (%s)', (kind) => {
    test.for(Array.from({ length: MOST_REQUESTS }, (_, index) => index + 1))('n = %i: sent once, one copy in Sent', async (cut) => {
      const { world, tap } = bench();
      const [me] = addresses(bench());
      const mail = letter(me, '\r\nhello\r\n');
      const job = jobOf({ world, letter: mail, to: [OUT] });
      // The first one lost may have been done; after it nothing gets through any more.
      tap.setRule(({ number }) => (number < cut ? PASS : number === cut ? { kind } : { kind: 'lose-request' }));
      await deliver(bench().route, job);
      await bench().restart();
      await recover(bench(), job, mail);
      await expectSentOnce(world, me, mail);
    });
  });
}

/** As the outbox does after a crash: the outcome was not written down, only the mark. */
async function recover(bench: Bench, job: TestJob, mail: Letter): Promise<void> {
  if (job.marks() > 0) {
    await expect.poll(async () => isSettled(bench, mail)).toBe(true);
    const verdict = await findSent(bench.route, job);
    expect(verdict).not.toBe('unknown');
    if (verdict === 'sent') return;
  }
  const [me] = addresses(bench);
  expect(await deliver(bench.route, jobOf({ world: bench.world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
  expect(copiesOf(await bench.world.mailbox(me, 'Sent'), mail)).toHaveLength(1);
}

/** The settle time, in short: what left is also in Sent. */
async function isSettled(bench: Bench, mail: Letter): Promise<boolean> {
  const [me] = addresses(bench);
  const left = (await departures(bench.world, mail)).length > 0;
  const isKept = copiesOf(await bench.world.mailbox(me, 'Sent'), mail).length > 0;
  return left === isKept;
}
