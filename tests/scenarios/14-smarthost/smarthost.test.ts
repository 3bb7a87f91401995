import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until, type Lab } from '../../lab/index.ts';
import { startPatientLab, startScene, type PathConfig, type Scene } from '../../relay/index.ts';
import { startNameServer, type NameServer } from './name-server.ts';

const POLICY = '_dmarc.provider.test';
const AFTER_MS = 1000;
let lab: Lab;
let dns: NameServer;
let scene: Scene | undefined;

beforeAll(async () => {
  lab = await startPatientLab({ parts: ['dovecot', 'postfix'] });
});

beforeEach(async () => {
  dns = await startNameServer();
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
  scene = undefined;
  await dns[Symbol.asyncDispose]();
  await lab.edge.set('submission', { mode: 'pass' });
});

afterAll(async () => {
  await lab?.stop();
});

test('where the domain has no policy, mail that has waited its time goes by the smarthost', async () => {
  const relayed = await startWithoutSmtp();
  const sentAt = Date.now();
  const id = await relayed.send('no-policy', { to: ['far@outside.test'] });
  await relayed.settle();
  expect(Date.now() - sentAt).toBeGreaterThan(AFTER_MS);
  expect((await relayed.show(id)).recipients).toMatchObject([{ state: 'delivered', route: expect.stringContaining('smarthost') }]);
  expect(dns.asked()).toBeGreaterThan(0);
});

test('where the domain forbids other servers, mail waits for the provider, and leaves by it', async () => {
  dns.say({ [POLICY]: 'v=DMARC1; p=reject' });
  const relayed = await startWithoutSmtp();
  const id = await relayed.send('forbidden', { to: ['far@outside.test'] });
  const refused = await until('the gate said no', async () => (await relayed.show(id)).attempts.find(({ endedAt }) => endedAt !== null));
  expect(refused).toMatchObject({
    route: expect.stringContaining('smarthost'),
    outcome: 'deferred',
    reason: expect.stringContaining('DMARC'),
  });
  expect((await relayed.show(id)).recipients[0]).toMatchObject({ state: 'queued', reasonClass: 'route' });
  expect(await relayed.copies('forbidden', 'far@outside.test')).toEqual([]);
  await lab.edge.set('submission', { mode: 'pass' });
  await relayed.settle();
  expect((await relayed.show(id)).recipients).toMatchObject([{ state: 'delivered', route: expect.stringContaining(' smtp ') }]);
});

test('with an alternate From it goes under that name, and answers go to the author', async () => {
  dns.say({ [POLICY]: 'v=DMARC1; p=reject' });
  const relayed = await startWithoutSmtp({ alternateFrom: 'relay@helper.test' });
  const id = await relayed.send('other-name', { to: ['far@outside.test'] });
  await relayed.untilEmpty();
  const [copy] = await until('it arrived', async () => {
    const found = await relayed.copies('other-name', 'far@outside.test');
    return found.length > 0 && found;
  });
  const text = copy?.toString() ?? '';
  expect(text).toMatch(/^From: "alice@provider\.test via helper\.test"\r\n <relay@helper\.test>\r$/m);
  expect(text).toMatch(/^Reply-To: <alice@provider\.test>\r$/m);
  expect(text).toMatch(/\r\n\r\n\.a dot\r\n[\s\S]*\r\ntrailing {3}\r\nend\r\n$/);
  expect((await lab.outside()).filter((one) => one.raw.equals(copy ?? Buffer.alloc(0)))).toMatchObject([{ from: 'relay@helper.test' }]);
  expect((await relayed.show(id)).recipients).toMatchObject([{ state: 'delivered', route: expect.stringContaining('smarthost') }]);
});

test('while the DNS is dead nobody knows, so mail waits; it leaves when the DNS is back', async () => {
  dns.say(undefined);
  const relayed = await startWithoutSmtp();
  const id = await relayed.send('dns-dead', { to: ['far@outside.test'] });
  await until(
    'the gate could not tell',
    async () => (await relayed.show(id)).attempts.some(({ outcome }) => outcome === 'deferred'),
    40_000,
  );
  expect((await relayed.show(id)).recipients[0]?.state).toMatch(/queued|leased/);
  expect((await relayed.show(id)).attempts.map(({ outcome }) => outcome)).not.toContain('rejected');
  dns.say({});
  await relayed.settle();
  expect((await relayed.show(id)).recipients).toMatchObject([{ state: 'delivered', route: expect.stringContaining('smarthost') }]);
});

/** The smarthost is the same server by its other door, with somebody else's log-in. */
async function startWithoutSmtp(further: PathConfig = {}): Promise<Scene> {
  const smarthost = {
    kind: 'smarthost',
    host: '127.0.0.1',
    port: lab.edge.ports.smtps,
    security: 'tls',
    caFile: lab.caFile,
    username: lab.address('carol'),
    password: lab.password('carol'),
    after: `${AFTER_MS}ms`,
    ...further,
  };
  scene = await startScene({ lab, outgoing: ['smtp', smarthost], config: { dns: { servers: [dns.address] } } });
  await lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  return scene;
}
