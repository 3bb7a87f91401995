import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { MailError } from '@stopgap/core';
import { formatHostPort, type HostPort } from '@stopgap/config';
import type { App } from './app-env.ts';
import { notFound, problemResponse } from './problem.ts';

/** A request's head must be there within it, and all of it within the second. */
const HEAD_MS = 15_000;
const REQUEST_MS = 15 * 60_000;
/** A file of somebody who is logged in: 50 MB on a line of 32 kbit/s. Who is not has an answer long before. */
const UPLOAD_MS = 4 * 60 * 60_000;
const UPLOADS = '/jmap/upload/';
/** Of a client that says nothing for so long it is asked (TCP keep-alive) whether it is there; one that is gone holds none of its account's few uploads. */
const QUIET_MS = 10 * 60_000;
const KEEP_ALIVE_MS = 30_000;
const MOST_CONNECTIONS = 5000;
const HEAD_BYTES = 32 * 1024;

export interface HttpServer {
  readonly address: HostPort;
  /** Ends what is under way, event streams too. */
  close(): Promise<void>;
}

/** @throws MailError `listen` */
export async function listen(app: App, at: HostPort, requestMs = REQUEST_MS): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, env) => (isPlainPath((env as HttpBindings).incoming) ? app.fetch(request, env) : problemResponse(notFound())),
    serverOptions: {
      maxHeaderSize: HEAD_BYTES,
      headersTimeout: HEAD_MS,
      requestTimeout: UPLOAD_MS,
      keepAlive: true,
      keepAliveInitialDelay: QUIET_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5000,
    },
  }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request: IncomingMessage, answer: ServerResponse) => {
    const late = setTimeout(() => {
      if (!request.complete && (answer.writableEnded || request.url?.startsWith(UPLOADS) !== true)) request.destroy();
    }, requestMs);
    late.unref();
    request.once('close', () => clearTimeout(late));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const text = `The http door can not listen on ${formatHostPort(at)}: ${whyOf(cause)}. Free the port or change listen.http.`;
      reject(new MailError('permanent', text, { code: 'listen', cause }));
    });
    server.listen(at.port, at.host, resolve);
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

/** A path with steps up or empty steps means what whoever reads it makes of it; none of ours has any. */
function isPlainPath({ url = '/' }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return path.startsWith('/') && !path.includes('//') && !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

function whyOf(cause: Error & { readonly code?: string }): string {
  if (cause.code === 'EADDRINUSE') return 'another program has this port; is a "stopgap serve" running already?';
  if (cause.code === 'EACCES') return 'this user may not use this port';
  return cause.message;
}
