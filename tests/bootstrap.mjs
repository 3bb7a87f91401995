// Runs a command with a Node and a pnpm that are new enough, on any machine with Node >= 18 and npm: what is missing comes from npm, for this run alone.
// Plain JavaScript, because the Node that starts it may be too old for the sources.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST = [22, 19];
const NODE = 'node@24';
const PNPM = 'pnpm@12.21.0';
const ORPHAN_LOOK_MS = 500;

const [program, ...args] = process.argv.slice(2);
const env = { ...process.env, PATH: pathWithTools() };
await run('pnpm', ['install', '--frozen-lockfile', '--silent', '--prefer-offline'], ['inherit', 'ignore', 'inherit']);
await run(program, args, 'inherit');

/** npx puts the tools into its cache and tells where; run by it, the command would not hear the signals that end npm. */
function pathWithTools() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  const packages = [...(isNewEnough ? [] : ['-p', NODE]), '-p', PNPM];
  const told = spawnSync('npx', ['-y', ...packages, '-c', 'echo "$PATH"'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  if (told.status !== 0) fail('npx could not bring Node and pnpm from npm. Is the network there?');
  return told.stdout.trim();
}

/** Ends this process as the other one ended, unless that was well. Signals go on to it, and so does the end of whoever started this process. */
function run(name, words, stdio) {
  return new Promise((done) => {
    const child = spawn(name, words, { cwd: root, stdio, env });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
    const parent = process.ppid;
    // A shell between npm and this process dies of a signal without passing it on.
    const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), ORPHAN_LOOK_MS);
    child.on('error', (error) => fail(`${name} could not be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const one of ['SIGINT', 'SIGTERM']) process.off(one, pass);
      if (code !== 0) process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1));
      done();
    });
  });
}

function fail(sentence) {
  process.stderr.write(`stopgap: ${sentence}\n`);
  process.exit(1);
}
