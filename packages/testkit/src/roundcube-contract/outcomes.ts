import { expect, test } from 'vitest';
import { addresses } from './bytes.ts';
import { departures, deliver, expectNothingStaged, expectSentOnce, findSent, type Bench } from './harness.ts';
import { copiesOf, jobOf, letter } from './letters.ts';

const OUT = 'friend@outside.test';

export function testOutcomes(bench: () => Bench): void {
  test('one bad recipient of three is rejected, and the others get the message once', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    await world.refuse('nobody@outside.test', '550 5.1.1 no such user');
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT, 'nobody@outside.test', 'other@outside.test'] });
    const outcomes = await deliver(route, job);
    expect(outcomes).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected', reason: { class: 'recipient', code: 550, status: '5.1.1' } },
      { kind: 'delivered' },
    ]);
    await expect.poll(async () => (await departures(world, mail)).flatMap((out) => out.to).toSorted()).toEqual([OUT, 'other@outside.test']);
    await expectSentOnce(world, me, mail);
    // After a crash the copy in Sent would prove the sending: of whom it was for, only the mark tells.
    expect(job.markedFor()).toEqual([OUT, 'other@outside.test']);
  });

  test('a recipient refused for now is deferred, and nothing is left behind when it was the only one', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    await world.refuse('greylisted@outside.test', '450 4.2.0 come back');
    const mail = letter(me, '\r\nhello\r\n');
    const outcomes = await deliver(route, jobOf({ world, letter: mail, to: ['greylisted@outside.test'] }));
    expect(outcomes).toMatchObject([{ kind: 'deferred', reason: { code: 450 } }]);
    await expectNothingStaged(world, me, mail);
    expect(copiesOf(await world.mailbox(me, 'Sent'), mail)).toHaveLength(0);
  });

  test('a wrong password defers for the log-in, rejects nobody and marks nothing', async () => {
    const { world, route } = bench();
    const [, , me] = addresses(bench());
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT], who: 2, password: 'wrong' });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred', reason: { class: 'auth' } }]);
    expect(job.marks()).toBe(0);
    await bench().restart();
  });

  test('while the mail server behind the webmail is down, mail is deferred, and leaves once when it is back', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    await world.setMailServer(false);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([
      { kind: 'deferred', reason: { class: 'connect' } },
    ]);
    await expectNothingStaged(world, me, mail);
    await world.setMailServer(true);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test('while the storage is down, its empty listings prove nothing', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
    await world.setStorage(false);
    expect(await findSent(route, job)).toBe('unknown');
    expect(await deliver(route, jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] }))).toMatchObject([{ kind: 'deferred' }]);
    await bench().restart();
    expect(await findSent(bench().route, job)).toBe('unknown');
    await world.setStorage(true);
    await bench().restart();
    await expect.poll(() => findSent(bench().route, job)).toBe('sent');
  });

  test('three accounts send side by side, each as itself', async () => {
    const { world, route } = bench();
    const mails = addresses(bench()).map((address) => letter(address, '\r\nhello\r\n'));
    const jobs = mails.flatMap((mail, who) => [
      jobOf({ world, letter: mail, to: [OUT], who }),
      jobOf({ world, letter: letter(addresses(bench())[who] ?? '', '\r\nsecond\r\n'), to: [OUT], who }),
    ]);
    const outcomes = await Promise.all(jobs.map((job) => deliver(route, job)));
    expect(outcomes.flat().map((outcome) => outcome.kind)).toEqual(jobs.map(() => 'delivered'));
    for (const [who, mail] of mails.entries()) {
      await expectSentOnce(world, addresses(bench())[who] ?? '', mail);
      expect((await departures(world, mail))[0]?.from).toBe(addresses(bench())[who]);
    }
  });

  test('a notice of ours goes straight into INBOX, unsent, and is found there', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, '\r\nyour message waits\r\n');
    const job = jobOf({ world, letter: mail, to: [me], from: '' });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
    expect(copiesOf(await world.mailbox(me, 'INBOX'), mail)).toHaveLength(1);
    expect(await findSent(route, job)).toBe('sent');
    expect(copiesOf(await world.mailbox(me, 'INBOX'), mail)).toHaveLength(1);
    expect(job.marks()).toBe(1);
  });

  test('a notice of ours to somebody else is not for a webmail', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT], from: '' });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred', reason: { class: 'route' } }]);
    expect(job.marks()).toBe(0);
  });
}
