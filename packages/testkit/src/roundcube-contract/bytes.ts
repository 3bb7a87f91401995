import { expect, test } from 'vitest';
import { departures, deliver, expectSentOnce, type Bench } from './harness.ts';
import { GNARLY, jobOf, letter, trimmed } from './letters.ts';

const OUT = 'friend@outside.test';

export function testBytes(bench: () => Bench): void {
  test('every byte of a message leaves as it was given, except white space at its very end', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, `${GNARLY}\r\n\r\n  \r\n`);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
    const [out] = await departures(world, mail);
    expect(out?.raw.toString('latin1')).toContain(trimmed(mail.bytes));
    expect(out).toMatchObject({ from: me, to: [OUT] });
  });

  test('the recipients of a message are told to nobody', async () => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const mail = letter(me, `\r\nhello\r\n`);
    const to = ['hidden-one@outside.test', 'hidden-two@outside.test'];
    await deliver(route, jobOf({ world, letter: mail, to }));
    await expect.poll(async () => (await departures(world, mail)).flatMap((out) => out.to).toSorted()).toEqual(to);
    for (const out of await departures(world, mail)) expect(out.raw.toString('latin1')).not.toContain('hidden-');
  });

  test.for([0, 1, 2])(
    'a multipart message of many kilobytes is not damaged on its way through the mail library (shift %i)',
    async (shift) => {
      const { world, route } = bench();
      const [me] = addresses(bench());
      const part = `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(300_000)}`;
      const mail = letter(
        me,
        `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'p'.repeat(shift)}\r\n--b\r\n${part}--b--\r\n`,
      );
      expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
      await expect.poll(async () => (await departures(world, mail)).length).toBe(1);
      const [out] = await departures(world, mail);
      expect(out?.raw.includes(part)).toBe(true);
    },
  );

  test.for([0, 1, 2])('a plain text of many kilobytes arrives with the same lines (shift %i)', async (shift) => {
    const { world, route } = bench();
    const [me] = addresses(bench());
    const lines = `${'p'.repeat(shift)}\r\n${base64Lines(250_000)}`;
    const mail = letter(me, `MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n${lines}`);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expect.poll(async () => (await departures(world, mail)).length).toBe(1);
    const [out] = await departures(world, mail);
    expect(out?.raw.includes(lines.trim())).toBe(true);
  });

  test.for(['<>', '<a b"c\\d{3}@[x]>', '<\u00e9\u00e9@x>', '<%*@x>'])(
    'a Message-ID that is hard to search for, %s, is sent once as well',
    async (messageId) => {
      const { world, route } = bench();
      const [me] = addresses(bench());
      const mail = letter(me, '\r\nhello\r\n', messageId);
      const job = jobOf({ world, letter: mail, to: [OUT] });
      expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
      await expect.poll(async () => (await world.departed()).filter((out) => out.raw.includes(job.witness)).length).toBe(1);
      const sent = (await world.mailbox(me, 'Sent')).filter((raw) => raw.includes(job.witness));
      expect(sent.map((raw) => raw.toString('latin1').startsWith('Received:'))).toEqual([true]);
    },
  );
}

export function addresses(bench: Bench): [string, string, string] {
  const [a, b, c] = bench.world.accounts.map((account) => account.address);
  if (a === undefined || b === undefined || c === undefined) throw new Error('a world needs three accounts');
  return [a, b, c];
}

/** Lines of 76 characters: with their ends 78 bytes, the pieces of the mail library fall upon each of three places. */
function base64Lines(bytes: number): string {
  return Buffer.alloc(bytes, 'stopgap')
    .toString('base64')
    .replaceAll(/.{1,76}/g, '$&\r\n');
}
