// Builds the web client where it has not been built, or is older than what it is made of. As a module for `node --import` it does so before the program
// starts, in the same process; when there is nothing to do it costs a look at some hundred files. Plain JavaScript, for `npm start` and the tests alike.
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const here = dirname(fileURLToPath(import.meta.url));
const BUILT = join(here, 'dist');
const PARTS = ['src', 'worker', 'public', 'index.html', 'mail-frame.html', 'vite.config.ts', 'package.json'];

// Threads of the program load this module, too.
if (isMainThread) buildWhenOlder();

function buildWhenOlder() {
  if (isBuilt()) return;
  process.stderr.write('Building the web client\n');
  // Elsewhere first: a build that is broken off leaves the old one.
  const fresh = `dist-${process.pid}`;
  const vite = join(here, 'node_modules/vite/bin/vite.js');
  const { status, error } = spawnSync(process.execPath, [vite, 'build', '--outDir', fresh], {
    cwd: here,
    stdio: ['ignore', 2, 2],
    env: plainEnv(),
  });
  if (status === 0) {
    putInPlace(join(here, fresh));
    return;
  }
  rmSync(join(here, fresh), { recursive: true, force: true });
  process.stderr.write(
    `The web client could not be built (${error?.message ?? `vite ended with ${status}`}); everything else works without it.\n`,
  );
}

/** Two may build at once, tests above all: whoever comes later finds the same there, and leaves it to those who read it already. */
function putInPlace(made) {
  try {
    if (isBuilt()) return;
    rmSync(BUILT, { recursive: true, force: true });
    renameSync(made, BUILT);
  } catch (error) {
    if (error?.code !== 'ENOTEMPTY' && error?.code !== 'EEXIST') throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function isBuilt() {
  const page = statSync(join(BUILT, 'index.html'), { throwIfNoEntry: false });
  return page !== undefined && PARTS.every((part) => newestMs(join(here, part)) < page.mtimeMs);
}

/** A folder is as new as the newest thing in it, itself included: what was deleted shows there. */
function newestMs(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

/** What a test runner or a caller has set for itself is not meant for the build. */
function plainEnv() {
  const { NODE_ENV: _, NODE_OPTIONS: __, VITEST: ___, ...env } = process.env;
  return env;
}
