import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../lab/index.ts';
import { credentialOf, DOORS, pathThrough, upstreams, verify } from './providers-servers.ts';

const LIMIT_MS = 1000;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix'] });
});
afterAll(() => lab?.stop());

describe.each(DOORS)('%s by %s with %s', (...door) => {
  test('answers a probe', async () => {
    expect(await upstreams[door[0]].probe(pathThrough(lab, door), AbortSignal.timeout(10_000))).toMatchObject({ kind: 'answered' });
  });

  test('takes the right password', async () => {
    expect(await verify(lab, door, 'alice')).toEqual({ kind: 'accepted' });
  });

  test('refuses a wrong one, and an address that nobody has', async () => {
    expect(await verify(lab, door, 'alice', { password: 'wrong' })).toMatchObject({ kind: 'refused', reason: { class: 'auth' } });
    expect(await verify(lab, door, 'nobody', { password: 'x' })).toMatchObject({ kind: 'refused', reason: { class: 'auth' } });
  });

  test('without its certificate authority is not trusted, and nothing is decided', async () => {
    const { ca: _, ...path } = pathThrough(lab, door);
    const verdict = await upstreams[door[0]].verify(path, credentialOf(lab, 'alice'), AbortSignal.timeout(10_000));
    expect(verdict).toMatchObject({ kind: 'undecided', reason: { class: 'tls' } });
  });
});

describe('a log-in that the provider blocks', () => {
  test.each(DOORS.filter(([kind]) => kind !== 'smtp'))('is undecided on %s by %s', async (...door) => {
    await lab.setPassword('carol', lab.password('carol'), 'nologin reason=Maintenance');
    expect(await verify(lab, door, 'carol')).toMatchObject({ kind: 'undecided' });
  });
});

describe('servers that hang', () => {
  test.each(DOORS)('leave it undecided within the limit, and fail the probe: %s by %s', async (...door) => {
    const part = door[0] === 'smtp' ? 'postfix' : 'dovecot';
    lab.freeze(part);
    try {
      const startedMs = performance.now();
      expect(await verify(lab, door, 'alice', { limitMs: LIMIT_MS })).toMatchObject({ kind: 'undecided' });
      expect(await upstreams[door[0]].probe(pathThrough(lab, door), AbortSignal.timeout(LIMIT_MS))).toMatchObject({ kind: 'failed' });
      expect(performance.now() - startedMs).toBeLessThan(10 * LIMIT_MS);
    } finally {
      lab.thaw(part);
    }
  });
});

describe('servers that are down', () => {
  test('leave it undecided, and fail the probe', async () => {
    await lab.stop('dovecot');
    for (const door of DOORS.filter(([kind]) => kind !== 'smtp')) {
      expect(await verify(lab, door, 'alice')).toMatchObject({ kind: 'undecided', reason: { class: 'connect' } });
      expect(await upstreams[door[0]].probe(pathThrough(lab, door), AbortSignal.timeout(LIMIT_MS))).toMatchObject({ kind: 'failed' });
    }
    // Postfix lives, and can not ask anybody about the password.
    expect(await verify(lab, ['smtp', 'submission', 'starttls'], 'alice')).toMatchObject({ kind: 'undecided' });
    await lab.stop('postfix');
    expect(await verify(lab, ['smtp', 'submission', 'starttls'], 'alice')).toMatchObject({
      kind: 'undecided',
      reason: { class: 'connect' },
    });
  });
});
