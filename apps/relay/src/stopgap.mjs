#!/usr/bin/env node
// Sources run as they are: the compile cache makes the second start as fast as built code. Plain JavaScript, because the Node that starts it may be
// too old for the sources; then npm lends a newer one.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';

const NODE = 'node@24';
/** Garbage is collected before it has grown much: V8 would let the young take 130 MB, and the rest grow fourfold. */
const FRUGAL = ['--max-semi-space-size=4', '--heap-growing-percent=30'];

if (process.features.typescript) {
  if (process.argv.includes('serve')) saveMemory();
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

/**
 * What keeps memory small has to be said before Node starts, so the process, which stays the same one, begins once more. With an arena for each thread, malloc
 * keeps what was freed in each of them. For `serve` alone: a command is over before it matters.
 */
function saveMemory() {
  const isSaid = FRUGAL.every((flag) => process.execArgv.includes(flag));
  if (isSaid || process.platform === 'win32' || process.execve === undefined) return;
  const words = [process.execPath, ...FRUGAL, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, words, { MALLOC_ARENA_MAX: '1', ...process.env });
}

function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
