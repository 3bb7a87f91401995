import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendMail, startLab, until, type Lab } from '../../lab/index.ts';
import { providerOf, queueOf, startRelay, untilPath, type Relay } from '../../relay/index.ts';

let lab: Lab;
let relay: Relay;

beforeAll(async () => {
  lab = await startLab({ users: ['alice', 'bob'] });
  relay = await startRelay({ config: { allowPrivateUpstreams: true, providers: [providerOf(lab)] } });
});

afterAll(async () => {
  await relay?.[Symbol.asyncDispose]();
  await lab?.[Symbol.asyncDispose]();
});

const letter = (id: string) =>
  Buffer.from(
    [
      `From: Alice <${lab.address('alice')}>`,
      `To: ${lab.address('bob')}`,
      'Bcc: hidden@outside.test',
      `Message-ID: <${id}@provider.test>`,
      'Subject: x',
      'Date: Mon, 23 Nov 2026 08:00:00 +0000',
      '',
      '.a dot',
      'From the start',
      '',
      'From after blank',
      'trailing   ',
      'end',
      '',
    ].join('\r\n'),
  );

const send = (id: string, to: readonly string[]) =>
  sendMail({
    port: relay.ports.submission,
    caFile: relay.caFile,
    user: lab.address('alice'),
    password: lab.password('alice'),
    from: lab.address('alice'),
    to: [...to],
    raw: letter(id),
  });

test('a user of the provider simply logs in, and mail leaves by SMTP while that lives', async () => {
  await send('one', [lab.address('bob'), 'far@outside.test']);
  const inside = await until('bob has it', async () => (await lab.inbox('bob'))[0]);
  expect(inside.toString()).toContain('\r\n\r\n.a dot\r\nFrom the start\r\n\r\nFrom after blank\r\ntrailing   \r\nend\r\n');
  expect(inside.toString()).not.toMatch(/^bcc:/im);
  const [outside] = await until('it left', async () => ((await lab.outside()).length > 0 ? lab.outside() : undefined));
  expect(outside?.to).toEqual(['far@outside.test']);
});

test('with SMTP refusing connections, mail leaves by the webmail, once, and one exact copy is in Sent', async () => {
  await lab.edge.set('submission', { mode: 'refuse' });
  await send('two', [lab.address('bob'), 'far@outside.test']);
  await until('bob has it', async () => (await lab.inbox('bob')).length === 2, 60_000);
  await until('it left', async () => (await lab.outside()).length === 2, 60_000);
  await until('the queue is empty', async () => (await queueOf(relay)).length === 0);
  const inside = (await lab.inbox('bob'))[1]?.toString() ?? '';
  expect(inside).toContain('\r\n\r\n.a dot\r\nFrom the start\r\n\r\nFrom after blank\r\ntrailing   \r\nend\r\n');
  const sent = await until('the copy in Sent is tidy', async () => {
    const copies = await lab.mailbox('alice', 'Sent');
    return copies.length === 1 && !copies[0]?.toString().includes('Resent-') ? copies : undefined;
  });
  expect(sent[0]?.toString()).toContain('Message-ID: <two@provider.test>');
});

test('when SMTP is back, mail leaves by it again', async () => {
  await lab.edge.set('submission', { mode: 'pass' });
  await untilPath(relay, 'outgoing', 'smtp', 'up');
  await send('three', [lab.address('bob')]);
  await until('bob has it', async () => (await lab.inbox('bob')).length === 3);
  expect((await lab.mailbox('alice', 'Sent')).length).toBe(1);
});
