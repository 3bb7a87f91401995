/*
 * The files of the web client, as its build has made them. They are read once; what is asked for is looked up among them, so no path leads anywhere else.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpApi } from '@stopgap/http-api';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.svg', '.webmanifest']);

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  // blob: is a PDF for the browser's own viewer.
  "frame-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Mail is put into this page by the one around it. Nothing in it runs; images from outside only where the address says so, which a click decides. */
const FRAME = '/mail-frame.html';
function framePolicy(isRemoteAllowed: boolean): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data: blob:${isRemoteAllowed ? ' https: http:' : ''}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  ].join('; ');
}

const WORKER = '/service-worker.js';

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Stopgap</title><p>The relay runs, but its web client has not been built. <code>npm start</code> builds it;
mail programs can be used without it.</p>`;

/** Of a file beside the one that it holds: the build has made it, as nobody could wait for it. */
const BROTLI = '.br';

interface BuiltFile {
  readonly bytes: Buffer;
  readonly isCompressed: boolean;
  /** Undefined: the build has made none, or the file is not as it was built. */
  readonly brotli: Buffer | undefined;
  /** Made when it is asked for first. */
  gzip?: Promise<Buffer>;
  readonly etag: string;
}

export interface WebClientOptions {
  /** As Vite has written it; it may be missing. */
  readonly directory: string;
  /** Then the page is marked, so that no other one asks whether this is a demo, or a relay that is not set up yet. */
  readonly mark?: 'demo' | 'setup' | undefined;
}

/** Adds the client to the HTTP door: `/` and what it loads. */
export function serveWebClient(app: HttpApi['app'], { directory, mark }: WebClientOptions): void {
  const files = readBuilt(directory, mark);
  if (files.size === 0) app.get('/', (c) => c.html(NOT_BUILT));
  for (const [path, file] of files) {
    // A worker of an earlier relay at this address must not keep the page for setting up.
    if (path === WORKER && mark === 'setup') continue;
    app.get(path === '/index.html' ? '/' : path, async (c) => {
      const isImmutable = path.startsWith('/assets/');
      c.header('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      c.header('cache-control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      c.header('etag', file.etag);
      c.header('vary', 'accept-encoding');
      if (path === FRAME) {
        c.header('content-security-policy', framePolicy(c.req.query('remote') !== undefined));
        c.header('x-frame-options', 'SAMEORIGIN');
      } else {
        c.header('content-security-policy', PAGE_POLICY);
      }
      if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
      const { encoding, bytes } = await encodedFor(c.req.header('accept-encoding') ?? '', file);
      if (encoding !== undefined) c.header('content-encoding', encoding);
      return c.body(new Uint8Array(bytes));
    });
  }
}

async function encodedFor(accepted: string, file: BuiltFile): Promise<{ readonly encoding?: 'br' | 'gzip'; readonly bytes: Buffer }> {
  if (file.brotli !== undefined && /\bbr\b/.test(accepted)) return { encoding: 'br', bytes: file.brotli };
  if (!file.isCompressed || !/\bgzip\b/.test(accepted)) return { bytes: file.bytes };
  file.gzip ??= promisify(gzip)(file.bytes, { level: 9 });
  return { encoding: 'gzip', bytes: await file.gzip };
}

function readBuilt(directory: string, mark: WebClientOptions['mark']): ReadonlyMap<string, BuiltFile> {
  if (!existsSync(join(directory, 'index.html'))) return new Map();
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(BROTLI));
  return new Map(
    names.map((entry) => {
      const whole = join(entry.parentPath, entry.name);
      const path = whole.slice(directory.length).replaceAll('\\', '/');
      const built = readFileSync(whole);
      const isMarked = mark !== undefined && path === '/index.html';
      const bytes = isMarked ? Buffer.from(built.toString('utf8').replace('<html', `<html data-${mark}`)) : built;
      const isCompressed = COMPRESSED.has(extname(entry.name));
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`;
      const brotli = !isMarked && existsSync(whole + BROTLI) ? readFileSync(whole + BROTLI) : undefined;
      return [path, { bytes, isCompressed, brotli, etag }] as const;
    }),
  );
}
