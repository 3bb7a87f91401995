import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config, HostPort } from '@stopgap/config';
import type { MailEvents } from '@stopgap/log';
import type { Store } from '@stopgap/store';
import { statusReport } from './commands/status.ts';

export interface OperatorHttp {
  readonly address: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** /healthz, /readyz, /metrics and /status.json: no log-in, no addresses of people, so keep it on the operator's network. */
export async function operatorHttp(options: {
  readonly listen: HostPort;
  readonly config: Config;
  readonly store: Store;
  readonly events: MailEvents;
}): Promise<OperatorHttp> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'Internal error', status: 500, detail: error instanceof Error ? error.name : 'error' }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { config, store, events }: { readonly config: Config; readonly store: Store; readonly events: MailEvents },
): Promise<void> {
  const send = (status: number, type: string, body: string) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    response.end(request.method === 'HEAD' ? '' : body);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'text/plain', 'GET only\n');
  const { pathname } = new URL(request.url ?? '/', 'http://relay.invalid');
  switch (pathname) {
    case '/healthz':
      return send(200, 'text/plain', 'alive\n');
    case '/readyz':
      await store.write(() => undefined);
      return send(200, 'text/plain', 'ready\n');
    case '/metrics':
      return send(200, events.registry.contentType, await events.registry.metrics());
    case '/status.json': {
      const { providers, outages } = statusReport(config, store);
      return send(200, 'application/json', JSON.stringify({ providers, outages }));
    }
    default:
      return send(404, 'application/problem+json', JSON.stringify({ title: 'Not found', status: 404 }));
  }
}
