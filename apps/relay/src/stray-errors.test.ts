import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** A process of its own, as `serve` is one: a server whose listener throws at every connection, visited so often. */
async function visit(times: number): Promise<{ readonly code: number | null; readonly said: string }> {
  const program = `
    import { createServer, connect } from 'node:net';
    import { surviveStrayErrors } from ${JSON.stringify(join(import.meta.dirname, 'stray-errors.ts'))};
    surviveStrayErrors({ error: (message) => console.log(message), flush: () => undefined });
    const server = createServer((socket) => {
      socket.end('hello');
      if (socket.remotePort % 2 === 0) throw new Error('thrown in a listener');
      void Promise.reject(new Error('rejected in a listener'));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (let visit = 0; visit < ${times}; visit += 1) {
      const socket = connect(server.address().port, '127.0.0.1');
      await new Promise((resolve) => socket.on('data', resolve));
      console.log('greeted');
      socket.destroy();
    }
    server.close();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code: child.exitCode, said };
}

const count = (said: string, line: string): number => said.split('\n').filter((one) => one === line).length;

test('an error that nobody caught in a listener is logged, and the next visitor is served', async () => {
  const { code, said } = await visit(5);
  expect(code).toBe(0);
  expect(count(said, 'greeted')).toBe(5);
  expect(count(said, 'an error nobody caught; the relay goes on')).toBe(5);
});

test('too many of them in a minute end the process, so that it is started anew', async () => {
  const { code, said } = await visit(40);
  expect(code).toBe(1);
  expect(said).toContain('too many of them: the relay ends');
});
