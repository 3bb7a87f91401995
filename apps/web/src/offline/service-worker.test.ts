/* The worker as a browser runs it, over a network that can be taken away. It is the only code that stands between the client and its relay. */
import { beforeEach, expect, test, vi } from 'vitest';

const SCOPE = 'https://relay.test/';
const OLD = 'stopgap-shell-before';

type Listener = (event: Record<string, unknown>) => void;

interface Answered {
  readonly status: number;
  readonly text: string;
}

let listeners: Map<string, Listener>;
/** Name of a cache -> URL -> text. */
let stored: Map<string, Map<string, string>>;
let network: (url: string) => Promise<Response>;
let claimed: number;
let skipped: number;
/** The scripts of the open windows, as far as they tell. */
let windows: readonly (string | undefined)[];

function cacheOf(name: string) {
  const entries = stored.get(name) ?? new Map<string, string>();
  stored.set(name, entries);
  return {
    async addAll(requests: readonly Request[]) {
      const answers = await Promise.all(requests.map(({ url }) => network(url)));
      if (answers.some(({ ok }) => !ok)) throw new TypeError('not all of it came');
      for (const [index, answer] of answers.entries()) entries.set(requests[index]?.url ?? '', await answer.text());
    },
    async match(url: string) {
      const text = entries.get(url);
      return text === undefined ? undefined : new Response(text);
    },
  };
}

/** Resolves when the worker has done what it put off the event for. */
async function tell(type: 'install' | 'activate' | 'message'): Promise<void> {
  let work: unknown;
  listeners.get(type)?.({ waitUntil: (promise: unknown) => (work = promise) });
  await work;
}

/** Undefined: the worker lets it pass. */
async function ask(path: string, { mode = 'no-cors', method = 'GET' } = {}): Promise<Answered | undefined> {
  let answer: Promise<Response> | undefined;
  const request = { url: new URL(path, SCOPE).href, mode, method };
  listeners.get('fetch')?.({ request, respondWith: (given: Promise<Response>) => (answer = given) });
  if (answer === undefined) return undefined;
  const { status, ...response } = await answer.then(async (one) => ({ status: one.status, text: await one.text() }));
  return { status, ...response };
}

const online = (build: string) => async (request: unknown) =>
  new Response(`${build} ${new URL(typeof request === 'string' ? request : (request as Request).url).pathname}`);
const offline = () => Promise.reject(new TypeError('Failed to fetch'));

beforeEach(async () => {
  listeners = new Map();
  stored = new Map([
    [OLD, new Map()],
    ['of-another', new Map()],
  ]);
  claimed = 0;
  skipped = 0;
  windows = [];
  network = online('new');
  vi.stubGlobal('SHELL_FILES', ['./', './assets/first-abc.js', './mail-frame.html?abc']);
  vi.stubGlobal('SHELL_VERSION', 'now');
  vi.stubGlobal('caches', {
    open: async (name: string) => cacheOf(name),
    keys: async () => [...stored.keys()],
    delete: async (name: string) => stored.delete(name),
  });
  vi.stubGlobal('fetch', (request: Request | string) => network(typeof request === 'string' ? request : request.url));
  const held = (): { name: string }[] => windows.flatMap((path) => (path === undefined ? [] : { name: `stopgap.window ${SCOPE}${path}` }));
  vi.stubGlobal('navigator', { locks: { query: async () => ({ held: held() }) } });
  vi.stubGlobal('self', {
    registration: { scope: SCOPE },
    clients: {
      claim: async () => void (claimed += 1),
      matchAll: async () => [...windows.map(() => ({ frameType: 'top-level' })), { frameType: 'nested' }],
    },
    skipWaiting: async () => void (skipped += 1),
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  });
  vi.resetModules();
  const worker = new URL('../../worker/service-worker.ts', import.meta.url).pathname;
  await import(/* @vite-ignore */ worker);
  await tell('install');
});

test('it keeps what the build has listed, all of it or nothing', async () => {
  expect([...(stored.get('stopgap-shell-now')?.keys() ?? [])]).toEqual([
    SCOPE,
    `${SCOPE}assets/first-abc.js`,
    `${SCOPE}mail-frame.html?abc`,
  ]);
  network = async () => new Response('', { status: 404 });
  await expect(tell('install')).rejects.toThrow();
});

test('when no window of an older build is left it takes over, and clears away the older builds alone', async () => {
  expect([...stored.keys()]).toContain(OLD);
  await tell('activate');
  expect([...stored.keys()]).toEqual(['of-another', 'stopgap-shell-now']);
  expect(claimed).toBe(1);
});

test.each([
  ['one of its own build', ['assets/first-abc.js'], 1],
  ['one of its own and one of another', ['assets/first-abc.js', 'assets/first-old.js'], 0],
  ['one of its own and one that does not tell', ['assets/first-abc.js', undefined], 0],
])('with %s open it knows whether it may take over', async (_, open, times) => {
  windows = open;
  await tell('message');
  expect(skipped).toBe(times);
});

test('mail, sessions and whatever else the build has not listed go their way', async () => {
  for (const path of ['/jmap/api', '/jmap/download/a/b/c', '/api/session', '/.well-known/jmap', '/status', '/assets/other.js', '/?x'])
    expect(await ask(path)).toBeUndefined();
  expect(await ask('/', { method: 'POST' })).toBeUndefined();
  // Its policy lets images in; the kept page has the other one.
  expect(await ask('/mail-frame.html?remote', { mode: 'navigate' })).toBeUndefined();
});

test('the page comes from the relay while it answers, so an update is there at once; pieces come from here', async () => {
  network = online('newer');
  expect(await ask('/', { mode: 'navigate' })).toEqual({ status: 200, text: 'newer /' });
  expect(await ask('/assets/first-abc.js')).toEqual({ status: 200, text: 'new /assets/first-abc.js' });
});

const OTHER_PAGE = '<script type="module" src="./assets/first-xyz.js"></script><link rel="stylesheet" href="./assets/look-xyz.css">';

test('a page of another build is given when what it begins with can be had, and only then', async () => {
  const asked: string[] = [];
  let isBroken = false;
  network = async (url) => {
    asked.push(new URL(url).pathname);
    return url === SCOPE ? new Response(OTHER_PAGE) : new Response('', { status: isBroken && url.endsWith('.css') ? 500 : 200 });
  };
  expect(await ask('/', { mode: 'navigate' })).toEqual({ status: 200, text: OTHER_PAGE });
  expect(asked).toEqual(['/', '/assets/first-xyz.js', '/assets/look-xyz.css']);
  isBroken = true;
  expect(await ask('/', { mode: 'navigate' })).toEqual({ status: 200, text: 'new /' });
});

test('the page around mail is of the build that it belongs to', async () => {
  network = online('newer');
  expect(await ask('/mail-frame.html?abc', { mode: 'navigate' })).toEqual({ status: 200, text: 'new /mail-frame.html' });
  expect(await ask('/mail-frame.html?xyz', { mode: 'navigate' })).toBeUndefined();
});

test.each([
  ['no connection', offline],
  ['a proxy whose relay is gone', async () => new Response('Bad Gateway', { status: 502 })],
])('with %s the kept page opens', async (_, weather) => {
  network = weather;
  expect(await ask('/', { mode: 'navigate' })).toEqual({ status: 200, text: 'new /' });
  expect(await ask('/mail-frame.html?abc', { mode: 'navigate' })).toEqual({ status: 200, text: 'new /mail-frame.html' });
});

test('on a line that gives nothing the kept page opens after a while', async () => {
  vi.useFakeTimers();
  network = () => new Promise(() => undefined);
  const asked = ask('/', { mode: 'navigate' });
  await vi.advanceTimersByTimeAsync(4000);
  expect(await asked).toEqual({ status: 200, text: 'new /' });
  vi.useRealTimers();
});
