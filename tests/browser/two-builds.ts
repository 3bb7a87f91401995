import { spawnSync } from 'node:child_process';
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';

const BUILDER = resolve(import.meta.dirname, 'build-other.mjs');
/** As `buildClient` leaves it. */
export const FIRST_BUILD = resolve(import.meta.dirname, '../../apps/web/dist');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};

/** The client as another version of it. */
export function buildOther(directory: string): void {
  const { NODE_ENV: _, NODE_OPTIONS: __, VITEST: ___, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [BUILDER, directory], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`the other client could not be built: ${stderr}`);
}

/** Stands before a relay as its next version would: with another client, and the same mail. */
export interface Front extends AsyncDisposable {
  readonly origin: string;
  /** @param isBroken paths that answer with 500 */
  serve(build: string, isBroken?: (path: string) => boolean): void;
}

export async function startFront(relayPort: number): Promise<Front> {
  let directory = FIRST_BUILD;
  let broken: (path: string) => boolean = () => false;
  const ofPage = await policyOf(relayPort, '/');
  const ofFrame = await policyOf(relayPort, '/mail-frame.html');
  const server = createServer((asked, answer) => {
    const [path = '/'] = (asked.url ?? '/').split('?');
    const file = join(directory, path === '/' ? 'index.html' : path);
    if (!existsSync(file) || extname(file) === '') {
      passOn(asked, answer, relayPort);
      return;
    }
    if (broken(path)) {
      answer.writeHead(500).end('broken');
      return;
    }
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    const policy = path === '/mail-frame.html' ? ofFrame : ofPage;
    answer.writeHead(200, { ...policy, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': cache });
    answer.end(readFileSync(file));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(build, isBroken = () => false) {
      directory = build;
      broken = isBroken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}

/** What the relay allows the page. */
async function policyOf(port: number, path: string): Promise<OutgoingHttpHeaders> {
  const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
  const names = ['content-security-policy', 'x-frame-options'];
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])));
}

function passOn(asked: IncomingMessage, answer: ServerResponse, port: number): void {
  const { method, url, headers } = asked;
  const upstream = request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
    response.on('error', () => answer.destroy());
  });
  upstream.on('error', () => answer.destroy());
  answer.on('close', () => upstream.destroy());
  asked.pipe(upstream);
}
