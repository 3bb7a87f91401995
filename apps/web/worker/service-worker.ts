/*
 * Keeps the client itself - its page, scripts, styles and icons, as one build has made them - so that it opens without a connection. Mail never comes in here:
 * only what the build lists is looked at, and everything else (`/jmap`, `/api`, blobs) goes its way untouched.
 *
 * Pages come from the relay when it answers, so an update is there with the next look; what they load has its hash in its name and comes from here. A new
 * worker takes over when no window of the old one is left: until then an old window finds every piece of its own build.
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

const files = new Set(SHELL_FILES.map((path) => new URL(path, self.registration.scope).href));

self.addEventListener('install', (event) => {
  // Names with a hash may come from the browser's own cache; pages must be those of this build.
  const requests = [...files].map((url) => new Request(url, { cache: url.includes('/assets/') ? 'default' : 'reload' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)));
});

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
  // With its search part: `mail-frame.html?remote` has another policy, and is the relay's to give.
  if (request.method !== 'GET' || !files.has(request.url.split('#', 1)[0] ?? '')) return;
  event.respondWith(request.mode === 'navigate' ? page(request) : piece(request));
});

async function page(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  const answer = await Promise.race([fresh, late]).catch(() => undefined);
  if (answer !== undefined && answer.status < GONE) return answer;
  return (await kept(request)) ?? answer ?? fresh;
}

async function piece(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(NAME);
  return cache.match(request.url);
}
