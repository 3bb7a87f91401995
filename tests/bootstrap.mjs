// Runs a command with a Node and a pnpm that are new enough, on any machine with Node >= 18 and npm: what is missing comes from npm, for this run alone.
// Plain JavaScript, because the Node that starts it may be too old for the sources.
import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST = [22, 19];
const NODE = 'node@24';
const PNPM = 'pnpm@12.21.0';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
const command = process.argv.slice(2);

if (process.env.STOPGAP_BOOTSTRAPPED === '1') {
  await run('pnpm', ['install', '--frozen-lockfile', '--silent', '--prefer-offline'], { stdio: ['inherit', 'ignore', 'inherit'] });
  await run(command[0], command.slice(1));
} else {
  const packages = [...(isNewEnough ? [] : ['-p', NODE]), '-p', PNPM];
  const words = ['node', fileURLToPath(import.meta.url), ...command].map(quote).join(' ');
  await run('npx', ['-y', ...packages, '-c', words], { env: { ...process.env, STOPGAP_BOOTSTRAPPED: '1', npm_config_loglevel: 'error' } });
}

/** Ends this process as the other one ended, unless that was well. Signals go on to it, so that it can stop clean. */
function run(program, args, options) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
    child.on('error', (error) => {
      process.stderr.write(`stopgap: ${program} could not be started: ${error.message}\n`);
      process.exit(1);
    });
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, pass);
      if (code !== 0) process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1));
      done();
    });
  });
}

function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
