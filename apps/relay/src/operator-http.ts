import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MailError } from '@stopgap/core';
import { formatHostPort, type Config, type HostPort } from '@stopgap/config';
import type { MailEvents } from '@stopgap/log';
import { countMirrors, type Store } from '@stopgap/store';
import { publicStatus } from './commands/status-report.ts';
import { whyOf } from './failure.ts';

export interface OperatorHttp {
  readonly address: HostPort;
  close(): Promise<void>;
}

interface Sources {
  readonly config: Config;
  readonly store: Store;
  readonly events: MailEvents;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
}

/**
 * /healthz, /readyz, /metrics and /status.json: no log-in, no addresses of people, so keep it on the operator's network.
 * @throws MailError `listen`
 */
export async function operatorHttp({ listen, ...sources }: Sources & { readonly listen: HostPort }): Promise<OperatorHttp> {
  const server = createServer((request, response) => {
    answer(request, sources).then(
      (one) => send(request, response, one),
      () => send(request, response, problem(500, 'Internal error')),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const text = `The http door can not listen on ${formatHostPort(listen)}: ${whyOf(cause)}. Free the port or change listen.http.`;
      reject(new MailError('permanent', text, { code: 'listen', cause }));
    });
    server.listen(listen.port, listen.host, resolve);
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

async function answer(request: IncomingMessage, { config, store, events }: Sources): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { ...problem(405, 'Only GET and HEAD'), allow: 'GET, HEAD' };
  switch (request.url?.split('?', 1)[0] ?? '') {
    case '/healthz':
      return { status: 200, type: 'text/plain', body: 'alive\n' };
    case '/readyz':
      return store
        .write(() => undefined)
        .then(
          () => ({ status: 200, type: 'text/plain', body: 'ready\n' }),
          () => problem(503, 'The store takes no writes'),
        );
    case '/metrics':
      events.mirrorsFound(store.read(countMirrors));
      return { status: 200, type: events.registry.contentType, body: await events.registry.metrics() };
    case '/status.json':
      return { status: 200, type: 'application/json', body: JSON.stringify(publicStatus(config, store)) };
    default:
      return problem(404, 'Not found');
  }
}

/** RFC 9457 */
function problem(status: number, title: string): Answer {
  return { status, type: 'application/problem+json', body: JSON.stringify({ title, status }) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, allow }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(allow === undefined ? {} : { allow }),
  });
  response.end(request.method === 'HEAD' ? '' : body);
}
