#!/usr/bin/env node
// Sources run as they are: the compile cache makes the second start as fast as built code. Plain JavaScript, because the Node that starts it may be
// too old for the sources; then npm lends a newer one.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';

const NODE = 'node@24';

if (process.features.typescript) {
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

function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
