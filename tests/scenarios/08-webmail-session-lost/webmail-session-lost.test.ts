import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { startScene, type Scene } from '../../relay/index.ts';

/** The requests of one sending, in their order: the message is put into staging, looked at, sent, moved to Sent, and the double is deleted. */
const STEPS = [
  { name: 'import', match: /^POST [^\n]*_action=import/ },
  { name: 'look', match: /^GET [^\n]*_action=bounce/ },
  { name: 'sending', match: /^POST [^\n]*_action=bounce/ },
  { name: 'move', match: /^POST [^\n]*_action=move/ },
  { name: 'delete', match: /^POST [^\n]*_action=delete/ },
];
let scene: Scene;

beforeAll(async () => {
  scene = await startScene({ config: { unsure: { settle: '1s', retries: 1 } } });
  await scene.lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('a session that ended between two messages costs a new log-in and nothing else', async () => {
  await scene.send('first', { to: ['bob'] });
  await scene.settle();
  endSessions();
  await scene.send('second', { to: ['bob'] });
  await scene.settle();
});

test.each(STEPS)('a session that ends in the middle, at the $name: still once', async ({ name, match }) => {
  await scene.lab.edge.set('roundcube', { mode: 'delayRequest', match, ms: 500, times: 1 });
  await scene.send(`at-${name}`, { to: ['bob', 'far@outside.test'] });
  await until('that step has come', () => scene.lab.edge.state('roundcube').struck === 1);
  endSessions();
  await scene.settle();
});

/** As when the webmail's own time for a session is over, or its store of sessions was emptied. */
function endSessions(): void {
  const sessions = new DatabaseSync(join(scene.lab.dir, 'roundcube/db/roundcube.sqlite'), { timeout: 5000 });
  sessions.exec('DELETE FROM session');
  sessions.close();
}
