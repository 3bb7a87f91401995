/*
 * Keeps the client itself - its page, scripts, styles and icons, as one build has made them - so that it opens without a connection. Mail never comes in here:
 * only what the build lists is looked at, and everything else (`/jmap`, `/api`, blobs) goes its way untouched.
 *
 * The page comes from the relay when it answers, so an update is there with the next look; what it loads has its hash in its name and comes from here. A page
 * of another build is given only when what it begins with can be had, too: an update that is not all there leaves the client that was.
 *
 * A new worker takes over when no window of another build is left: until then an old window finds every piece of its own build. Each window has a lock with
 * the name of its script (`register-worker.ts`), by which a worker knows it.
 */
declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build: paths beside this file, and a hash of all they hold. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

const PREFIX = 'stopgap-shell-';
const NAME = `${PREFIX}${SHELL_VERSION}`;
/** On a line that gives nothing for so long, the page of before is better than none. */
const PATIENCE_MS = 4000;
/** A proxy whose relay is gone answers with these. */
const GONE = 500;
/** As `register-worker.ts` has it; a script's address follows. */
const WINDOW = 'stopgap.window ';

const files = new Set(SHELL_FILES.map((path) => new URL(path, self.registration.scope).href));

self.addEventListener('install', (event) => {
  // Names with a hash may come from the browser's own cache; pages must be those of this build.
  const requests = [...files].map((url) => new Request(url, { cache: url.includes('/assets/') ? 'default' : 'reload' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)));
});

/** A window tells that there may be none of another build any more. */
self.addEventListener('message', (event) => event.waitUntil(takeOverIfAlone()));

async function takeOverIfAlone(): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const { held = [] } = await navigator.locks.query();
  const own = held.filter(({ name }) => name?.startsWith(WINDOW) === true && files.has(name.slice(WINDOW.length)));
  // What has no such lock is of a build that knew nothing of them.
  if (windows.filter(({ frameType }) => frameType !== 'nested').length <= own.length) await self.skipWaiting();
}

self.addEventListener('activate', (event) => {
  const clean = async (): Promise<void> => {
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    // The window that made this worker was loaded before it.
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  // With its search part: the page around mail has the build in it, so it is a piece; `mail-frame.html?remote` has another policy, and is the relay's to give.
  if (request.method !== 'GET' || !files.has(request.url.split('#', 1)[0] ?? '')) return;
  event.respondWith(request.mode === 'navigate' && !request.url.includes('?') ? page(request) : piece(request));
});

async function page(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const whole = fresh.then(async (answer) => ((await isWhole(answer)) ? answer : undefined));
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  const answer = await Promise.race([whole, late]).catch(() => undefined);
  return answer ?? (await kept(request)) ?? fresh;
}

/** Whether all that the page itself names can be had; what is of this build is here. */
async function isWhole(answer: Response): Promise<boolean> {
  if (answer.status >= GONE) return false;
  const named = [...(await answer.clone().text()).matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  const others = named.map((path) => new URL(path, self.registration.scope).href).filter((url) => !files.has(url));
  const answers = await Promise.all(others.map((url) => fetch(url)));
  return answers.every(({ ok }) => ok);
}

async function piece(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(NAME);
  return cache.match(request.url);
}
