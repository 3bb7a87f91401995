import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody outside who counts who comes. */
export interface Canary extends AsyncDisposable {
  readonly url: string;
  /** What was asked of it. */
  readonly asked: string[];
}

export async function startCanary(): Promise<Canary> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('access-control-allow-origin', '*').end('top.pwned && top.pwned()');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
