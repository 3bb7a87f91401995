import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** For people to look at; not kept by git. */
const SCREENS = resolve(import.meta.dirname, 'screens');
const PROGRAM = '/usr/bin/chromium';
/** As root in a container, and with no word to anybody outside. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not of this machine, for what differs when somebody comes from another one.
  '--host-resolver-rules=MAP relay.test 127.0.0.1',
];

export interface Browser extends AsyncDisposable {
  /** A person's browser, with nothing remembered. Its times are those of Berlin. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Debian's Chromium with a profile of its own, which goes with it. */
export async function startChromium(): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), 'stopgap-chromium-'));
  const browser = await chromium.launch({ executablePath: PROGRAM, args: FLAGS, env: { ...process.env, HOME: home, TMPDIR: home } });
  return {
    context: (options) =>
      browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options }),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Where a picture of this name goes. */
export async function screenPath(name: string): Promise<string> {
  await mkdir(SCREENS, { recursive: true });
  return join(SCREENS, `${name}.png`);
}
