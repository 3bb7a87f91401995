import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendMail, until, type SmtpFailure } from '../../lab/index.ts';
import { letterTo, startScene, type Scene } from '../../relay/index.ts';

const LIE = '535 5.7.8 Error: authentication failed';
let scene: Scene;

beforeEach(async () => {
  scene = await startScene({ lab: { users: ['alice', 'bob', 'carol', 'dora'] } });
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('SMTP that calls every password wrong bounces nothing: all leaves by the webmail', async () => {
  const { lab } = scene;
  for (const as of ['alice', 'carol']) await scene.send(`before-${as}`, { as, to: ['bob'] });
  await scene.settle();
  await lab.edge.set('submission', { mode: 'reject', replies: { AUTH: LIE } });
  for (const as of ['alice', 'carol', 'alice'])
    await scene.send(`lied-${as}-${crypto.randomUUID()}`, { as, to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect(await lab.inbox('alice')).toEqual([]);
  expect(await lab.inbox('carol')).toEqual([]);
});

test('with every log-in of the provider a lie, mail stays queued, the account stays, and all leaves once after the healing', async () => {
  const { lab } = scene;
  const users = ['alice', 'carol'];
  for (const as of users) await scene.send(`before-${as}`, { as, to: ['bob'] });
  await scene.settle();

  const truth = new Map(users.map((user) => [user, lab.password(user)]));
  for (const user of users) await lab.setPassword(user, `broken-store-${user}`);
  // A connection that is logged in already stays so: the relay would go on sending by it.
  await lab.edge.set('submission', { mode: 'pass' });
  for (const as of users) await scene.send(`during-${as}`, { as, password: truth.get(as) ?? '', to: ['bob'] });
  await until('both ways were refused', async () => {
    const queue = await scene.queue();
    const details = await Promise.all(queue.map(({ id }) => scene.show(id)));
    return (
      details.length === 2 &&
      details.every(({ attempts }) => new Set(attempts.filter((one) => one.endedAt).map((one) => one.route)).size === 2)
    );
  });
  for (const entry of await scene.queue())
    expect(entry.recipients[0]).toMatchObject({ state: expect.stringMatching(/queued|leased/), reasonClass: 'auth' });
  expect((await scene.relay.json<{ state: string }[]>(['account', 'list'])).map(({ state }) => state)).toEqual(['active', 'active']);
  // Their mail programs are not asked for a password either.
  await scene.send('still-welcome', { as: 'alice', password: truth.get('alice') ?? '', to: ['bob'] });

  for (const [user, password] of truth) await lab.setPassword(user, password);
  await scene.settle();
  for (const user of users) expect(await lab.inbox(user)).toEqual([]);
});

test('a new user whom nobody can decide about hears "temporary"; one living way is enough to let him in', async () => {
  const { lab } = scene;
  await lab.edge.set('all', { mode: 'refuse' });
  await scene.untilPath('incoming', 'imap', 'down');
  await scene.untilPath('incoming', 'roundcube', 'down');
  await scene.untilPath('outgoing', 'smtp', 'down');
  expect(await logInCode('dora')).toBe('AUTH 454');
  // Wrong or right, nobody can know.
  expect(await logInCode('dora', 'mistyped')).toBe('AUTH 454');
  await lab.edge.set('roundcube', { mode: 'pass' });
  await scene.untilPath('incoming', 'roundcube', 'up');
  // As a mail program does: it repeats until it is let in.
  await until('she is let in', () => scene.send('enrolled', { as: 'dora', to: ['bob'] }).catch(() => false));
  await scene.settle();
});

test('in an outage a new user is not called wrong because one half of the provider lies: the other half lets him in', async () => {
  const { lab } = scene;
  const no = '$tag NO [AUTHENTICATIONFAILED] Authentication failed.';
  await lab.edge.set('submission', { mode: 'refuse' });
  await lab.edge.set('imaps', { mode: 'reject', replies: { LOGIN: no, AUTHENTICATE: no } });
  await scene.untilPath('outgoing', 'smtp', 'down');
  await scene.untilPath('incoming', 'imap', 'up');
  await scene.send('let-in', { as: 'dora', to: ['bob'] });
  expect(lab.edge.state('imaps').struck).toBeGreaterThan(0);
  await scene.settle();
});

async function logInCode(user: string, password = scene.lab.password(user)): Promise<string> {
  const from = scene.lab.address(user);
  const to = [scene.lab.address('bob')];
  const { relay } = scene;
  const raw = letterTo('never', { from, to });
  try {
    await sendMail({ port: relay.ports.submission, caFile: relay.caFile, user: from, password, from, to, raw });
    return 'sent';
  } catch (error) {
    const { stage, code } = error as SmtpFailure;
    return `${stage} ${code}`;
  }
}
