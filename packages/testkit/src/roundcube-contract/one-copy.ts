import { describe, expect, test } from 'vitest';
import { addresses } from './bytes.ts';
import { departures, deliver, expectNothingStaged, expectTidy, findSent, keepOneCopy, type Bench } from './harness.ts';
import { copiesOf, jobOf, letter, newSubmission, type Letter, type TestJob } from './letters.ts';
import { PASS } from './tap.ts';

const OUT = 'friend@outside.test';
const SECOND = 'second@outside.test';
const THIRD = 'third@outside.test';
/** Keeping one copy takes Roundcube 15, a log-in's four among them: the last run meets no cut any more. */
const MOST_REQUESTS = 16;

export function testOneCopy(bench: () => Bench): void {
  const inSent = async (mail: Letter) => copiesOf(await bench().world.mailbox(addresses(bench())[0], 'Sent'), mail);

  /** One attempt for each address, at one message. */
  const attemptsFor = async (mail: Letter, to: readonly string[]): Promise<TestJob[]> => {
    const submission = newSubmission();
    const jobs = to.map((address) => jobOf({ world: bench().world, letter: mail, to: [address], submission }));
    for (const job of jobs) expect(await deliver(bench().route, job)).toMatchObject([{ kind: 'delivered' }]);
    return jobs;
  };

  const expectEachOnce = async (mail: Letter, to: readonly string[]) => {
    const told = async () => (await departures(bench().world, mail)).flatMap((out) => out.to).toSorted();
    await expect.poll(told).toEqual(to.toSorted());
  };

  test('each recipient gets it once, and one copy stays in Sent', async () => {
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const jobs = await attemptsFor(mail, [OUT, SECOND, THIRD]);
    expect(await inSent(mail)).toHaveLength(3);
    expect(await keepOneCopy(bench().route, jobs)).toBe('done');
    await expectTidy(bench().world, me, mail);
    expect(await keepOneCopy(bench().route, jobs)).toBe('done');
    await expectTidy(bench().world, me, mail);
    await expectEachOnce(mail, [OUT, SECOND, THIRD]);
  });

  test('the copy of an attempt that is not settled stays, as its proof, until it is', async () => {
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const [first, second, third] = await attemptsFor(mail, [OUT, SECOND, THIRD]);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were sent');
    expect(await keepOneCopy(bench().route, [first, third])).toBe('done');
    expect(await inSent(mail)).toHaveLength(2);
    expect(await findSent(bench().route, second)).toBe('sent');
    expect(await keepOneCopy(bench().route, [first, second, third])).toBe('done');
    await expectTidy(bench().world, me, mail);
  });

  test('an attempt whose answer was lost is proven first; then the copy that is the message itself stays', async () => {
    const { tap, world } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const submission = newSubmission();
    const lost = jobOf({ world, letter: mail, to: [OUT], submission });
    tap.setRule((request) => (request.action === 'bounce' && request.method === 'POST' ? { kind: 'lose-answer' } : PASS));
    expect(await deliver(bench().route, lost)).toMatchObject([{ kind: 'unsure' }]);
    tap.setRule(() => PASS);
    const next = jobOf({ world, letter: mail, to: [SECOND], submission });
    expect(await deliver(bench().route, next)).toMatchObject([{ kind: 'delivered' }]);
    expect(await keepOneCopy(bench().route, [next])).toBe('done');
    expect(await findSent(bench().route, lost)).toBe('sent');
    expect(await findSent(bench().route, lost)).toBe('sent');
    expect(await keepOneCopy(bench().route, [lost, next])).toBe('done');
    await expectTidy(world, me, mail);
    await expectEachOnce(mail, [OUT, SECOND]);
  });

  test.for(['mark', 'move', 'delete'])('a sending whose tidying stopped at "%s" says so, and is put in order later', async (action) => {
    const { tap, world } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    let isLost = false;
    tap.setRule((request) => {
      isLost ||= request.action === action;
      return isLost ? { kind: 'lose-request' } : PASS;
    });
    expect(await deliver(bench().route, job)).toMatchObject([{ kind: 'delivered', leftUntidy: true }]);
    await bench().restart();
    expect(await keepOneCopy(bench().route, [job])).toBe('done');
    await expectTidy(world, me, mail);
    await expectEachOnce(mail, [OUT]);
  });

  test('a sending that was tidied says nothing', async () => {
    const [me] = addresses(bench());
    const job = jobOf({ world: bench().world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect((await deliver(bench().route, job))[0]).not.toHaveProperty('leftUntidy');
  });

  test('the same message as another submission is another message', async () => {
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const jobs = await attemptsFor(mail, [OUT, SECOND]);
    await attemptsFor(mail, [OUT]);
    expect(await keepOneCopy(bench().route, jobs)).toBe('done');
    expect(await inSent(mail)).toHaveLength(2);
  });

  test('a Message-ID that can not be searched for makes no difference', async () => {
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n', '<>');
    const jobs = await attemptsFor(mail, [OUT, SECOND]);
    expect(await keepOneCopy(bench().route, jobs)).toBe('done');
    const sent = (await bench().world.mailbox(me, 'Sent')).filter((raw) => jobs.some((job) => raw.includes(job.witness)));
    expect(sent).toHaveLength(1);
  });

  test('while the storage is down nothing is touched, and it is to be asked again', async () => {
    const { world } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const jobs = await attemptsFor(mail, [OUT, SECOND]);
    await world.setStorage(false);
    expect(await keepOneCopy(bench().route, jobs)).toBe('later');
    await world.setStorage(true);
    await bench().restart();
    await expect.poll(() => keepOneCopy(bench().route, jobs)).toBe('done');
    await expectTidy(world, me, mail);
  });

  // Whether the next request or the answer to the last one was lost, is the same for who begins anew: what counts is what was done.
  describe('the program is gone when n requests of keeping one copy are done', () => {
    test.for(Array.from({ length: MOST_REQUESTS + 1 }, (_, index) => index))(
      'n = %i: never none, the unsettled one is still proven, one in the end',
      async (done) => {
        const { world, tap } = bench();
        const [me] = addresses(bench());
        const mail = letter(me, '\r\nhello\r\n');
        const [first, second, unsettled] = await attemptsFor(mail, [OUT, SECOND, THIRD]);
        if (first === undefined || second === undefined || unsettled === undefined) throw new Error('three were sent');
        await bench().restart();
        tap.setRule(({ number }) => (number < done ? PASS : { kind: number === done ? 'lose-answer' : 'lose-request' }));
        const verdict = await keepOneCopy(bench().route, [first, second]);
        if (done === MOST_REQUESTS) expect(verdict).toBe('done');
        await bench().restart();
        const left = await inSent(mail);
        expect(left.filter((raw) => raw.includes(first.witness) || raw.includes(second.witness)).length).toBeGreaterThan(0);
        expect(await findSent(bench().route, unsettled)).toBe('sent');
        expect(await keepOneCopy(bench().route, [first, second])).toBe('done');
        expect(await inSent(mail)).toHaveLength(2);
        expect(await keepOneCopy(bench().route, [first, second, unsettled])).toBe('done');
        await expectTidy(world, me, mail);
        await expectNothingStaged(world, me, mail);
        await expectEachOnce(mail, [OUT, SECOND, THIRD]);
      },
    );
  });
}
