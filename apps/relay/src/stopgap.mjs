#!/usr/bin/env node
// Sources run as they are: the compile cache makes the second start as fast as built code. Plain JavaScript, because the Node that starts it may be
// too old for the sources; then npm lends a newer one.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';

const NODE = 'node@24';
/** Of glibc (mallopt(3), M_ARENA_MAX): more serve threads that all allocate at once, which these do not, and keep what was freed in each. */
const ARENAS = '2';

if (process.features.typescript) {
  beginWithFewArenas();
  nodeModule.enableCompileCache();
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else if (process.env.STOPGAP_NEWER_NODE === '1') {
  process.stderr.write(`stopgap: Node ${process.versions.node} is too old, and npm brought no newer one. Install Node 22.19 or later.\n`);
  process.exitCode = 1;
} else {
  const words = ['node', process.argv[1] ?? '', ...process.argv.slice(2)];
  const env = { ...process.env, STOPGAP_NEWER_NODE: '1', npm_config_loglevel: 'error' };
  const child = spawn('npx', ['-y', '-p', NODE, '-c', words.map(quote).join(' ')], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`stopgap: Node ${process.versions.node} is too old, and npx could not be started (${error.message}).\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

/** For `serve` and `demo`, which live long. The variable is read when a process begins, so this one begins once more: same number, same files, nothing written yet. */
function beginWithFewArenas() {
  // Options may stand before the command; who names something else so pays a few milliseconds.
  const livesLong = ['serve', 'demo'].some((command) => process.argv.includes(command, 2));
  const isMeant = livesLong && process.platform === 'linux' && process.env.MALLOC_ARENA_MAX === undefined;
  if (!isMeant || process.execve === undefined) return;
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, words, { ...process.env, MALLOC_ARENA_MAX: ARENAS });
}

function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
