import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLab, until, type Lab } from '../../lab/index.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix', 'cyrus'], users: ['alice'] });
});

afterAll(async () => {
  await lab?.stop();
});

test('Cyrus shows its session, through the edge, to the right password only', async () => {
  expect(await sessionStatus(lab.password('alice'))).toBe(200);
  expect(await sessionStatus('wrong')).toBe(401);
});

test('the JMAP door of the edge can be refused and opened again', async () => {
  await lab.edge.set('jmap', { mode: 'refuse' });
  await expect(sessionStatus(lab.password('alice'))).rejects.toThrow();
  await lab.edge.set('jmap', { mode: 'pass' });
  await until('JMAP is back', async () => (await sessionStatus(lab.password('alice'))) === 200);
});

test('a Cyrus that was stopped comes back with the same state', async () => {
  await lab.stop('cyrus');
  await expect(sessionStatus(lab.password('alice'))).rejects.toThrow();
  await lab.start('cyrus');
  expect(await sessionStatus(lab.password('alice'))).toBe(200);
});

async function sessionStatus(password: string): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${lab.address('alice')}:${password}`).toString('base64')}`;
  const answer = await fetch(`http://127.0.0.1:${lab.edge.ports.jmap}/jmap/`, { headers: { authorization } });
  await answer.text();
  return answer.status;
}
