import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { HttpApi } from '@stopgap/http-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveWebClient, type WebClientOptions } from './web-client.ts';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'stopgap-web-client-'));
  mkdirSync(join(home, 'dist/assets'), { recursive: true });
  writeFileSync(join(home, 'secret.txt'), 'secret');
  writeFileSync(join(home, 'dist/index.html'), '<html><p>client</p>');
  writeFileSync(join(home, 'dist/mail-frame.html'), '<p>frame</p>');
  writeFileSync(join(home, 'dist/assets/index-abc.js'), 'let a;'.repeat(500));
  writeFileSync(join(home, 'dist/assets/index-abc.js.br'), brotliCompressSync('let a;'.repeat(500)));
  writeFileSync(join(home, 'dist/index.html.br'), brotliCompressSync('<html><p>client</p>'));
  mkdirSync(join(home, 'installable'));
  for (const name of ['index.html', 'service-worker.js', 'manifest.webmanifest']) writeFileSync(join(home, 'installable', name), '{}');
});

afterAll(() => rmSync(home, { recursive: true }));

/** What was registered, asked without a server. */
function served(directory: string, options: Partial<WebClientOptions> = {}) {
  const routes = new Map<string, unknown>();
  const app = { get: (path: string, handler: unknown) => void routes.set(path, handler) };
  serveWebClient(app as unknown as HttpApi['app'], { directory, ...options });
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const url = new URL(path, 'http://relay.test');
    const sent = new Headers();
    const context = {
      req: { header: (name: string) => headers[name], query: (name: string) => url.searchParams.get(name) ?? undefined },
      header: (name: string, value: string) => sent.set(name, value),
      html: (text: string) => new Response(text),
      body: (bytes: Uint8Array<ArrayBuffer> | null, status = 200) => new Response(bytes, { status, headers: sent }),
    };
    const handler = routes.get(url.pathname) as ((c: typeof context) => Promise<Response>) | undefined;
    return handler?.(context);
  };
  return { routes, ask };
}

test('exactly the files of the build are served, the page at the root', async () => {
  const { routes, ask } = served(join(home, 'dist'));
  expect([...routes.keys()].toSorted()).toEqual(['/', '/assets/index-abc.js', '/mail-frame.html']);
  expect(await (await ask('/'))?.text()).toBe('<html><p>client</p>');
});

test('a relay that is not set up yet marks its page, and gives no worker that would keep it', async () => {
  const { routes, ask } = served(join(home, 'installable'), { mark: 'setup' });
  expect([...routes.keys()].toSorted()).toEqual(['/', '/manifest.webmanifest']);
  const marked = served(join(home, 'dist'), { mark: 'setup' });
  expect(await (await marked.ask('/'))?.text()).toBe('<html data-setup><p>client</p>');
  expect(await ask('/service-worker.js')).toBeUndefined();
});

test('names that carry a hash are kept for ever, the page is asked for again', async () => {
  const { ask } = served(join(home, 'dist'));
  const script = await ask('/assets/index-abc.js', { 'accept-encoding': 'gzip, deflate' });
  expect(script?.headers.get('cache-control')).toContain('immutable');
  expect(script?.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(Buffer.from((await script?.arrayBuffer()) ?? new ArrayBuffer(0))).toString()).toBe('let a;'.repeat(500));
  const page = await ask('/');
  expect(page?.headers.get('cache-control')).toBe('no-cache');
  const again = await ask('/', { 'if-none-match': page?.headers.get('etag') ?? '' });
  expect([again?.status, await again?.text()]).toEqual([304, '']);
});

test('what a browser installs is served as what it is, and its worker is asked for again each time', async () => {
  const { ask } = served(join(home, 'installable'));
  const worker = await ask('/service-worker.js');
  expect(worker?.headers.get('cache-control')).toBe('no-cache');
  expect(worker?.headers.get('content-type')).toContain('text/javascript');
  expect((await ask('/manifest.webmanifest'))?.headers.get('content-type')).toBe('application/manifest+json');
});

test('what is text goes as the build has compressed it where the browser takes it, and as it is where it takes nothing', async () => {
  const { ask } = served(join(home, 'dist'));
  for (const _ of ['first', 'again']) {
    const script = await ask('/assets/index-abc.js', { 'accept-encoding': 'gzip, deflate, br, zstd' });
    expect([script?.headers.get('content-encoding'), script?.headers.get('vary')]).toEqual(['br', 'accept-encoding']);
    expect(brotliDecompressSync(Buffer.from((await script?.arrayBuffer()) ?? new ArrayBuffer(0))).toString()).toBe('let a;'.repeat(500));
  }
  const plain = await ask('/assets/index-abc.js');
  expect([plain?.headers.get('content-encoding'), await plain?.text()]).toEqual([null, 'let a;'.repeat(500)]);
  const frame = await ask('/mail-frame.html', { 'accept-encoding': 'br, gzip' });
  expect([
    frame?.headers.get('content-encoding'),
    gunzipSync(Buffer.from((await frame?.arrayBuffer()) ?? new ArrayBuffer(0))).toString(),
  ]).toEqual(['gzip', '<p>frame</p>']);
});

test('a page that is marked does not go as it was built', async () => {
  const { ask } = served(join(home, 'dist'), { mark: 'demo' });
  const page = await ask('/', { 'accept-encoding': 'br, gzip' });
  expect(page?.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(Buffer.from((await page?.arrayBuffer()) ?? new ArrayBuffer(0))).toString()).toBe('<html data-demo><p>client</p>');
});

test('no policy lets a script of the page itself run, and only the frame with mail may have styles of its own', async () => {
  const { ask } = served(join(home, 'dist'));
  const policyOf = async (path: string) => (await ask(path))?.headers.get('content-security-policy') ?? '';
  expect(await policyOf('/')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
  expect(await policyOf('/')).not.toContain('unsafe');
  const frame = await policyOf('/mail-frame.html');
  expect(frame).not.toContain('script-src');
  expect(frame).toMatch(/img-src data: blob:;/);
  expect(frame).toContain('sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox');
  expect(await policyOf('/mail-frame.html?remote')).toMatch(/img-src data: blob: https: http:;/);
  expect((await ask('/mail-frame.html'))?.headers.get('x-frame-options')).toBe('SAMEORIGIN');
});

test('without a build the page says how to get one', async () => {
  const { ask } = served(join(home, 'nowhere'));
  expect(await (await ask('/'))?.text()).toContain('npm start');
});

test('the page of the demo says what it is, and no other one does', async () => {
  const page = async (mark?: 'demo') => (await (await served(join(home, 'dist'), { mark }).ask('/'))?.text()) ?? '';
  expect(await page('demo')).toBe('<html data-demo><p>client</p>');
  expect(await page()).toBe('<html><p>client</p>');
});
