// `npm test`: real peers, lint, types, unit tests, end-to-end tests against real servers, the short form of the crash tests; one closing line.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePeers } from './peers.mjs';

const isCi = process.env.CI === 'true';
const total = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'stopgap-test-'));

const { missing } = ensurePeers({ ci: isCi });
if (missing.length > 0) {
  if (isCi) total.failed += 1;
  else total.skipped += 1;
}

await check('lint', ['oxlint', '--type-aware', '--deny-warnings']);
await check('format', ['oxfmt', '--check', '.']);
await check('unused code', ['knip']);
await check('types', ['tsc', '--noEmit', '-p', 'tsconfig.json']);
await check('types of the web client', ['tsc', '--noEmit', '-p', 'apps/web/tsconfig.json']);
await check('types of its worker', ['tsc', '--noEmit', '-p', 'apps/web/worker/tsconfig.json']);
await vitest('unit');
if (missing.length === 0) {
  await vitest('e2e');
  await vitest('crash');
}

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

async function check(name, command) {
  console.log(`\n# ${name}`);
  const code = await run('pnpm', ['exec', ...command]);
  if (code === 0) total.passed += 1;
  else total.failed += 1;
}

/** Adds what the project's own report counts; a run that ends without a report has failed. */
async function vitest(project) {
  console.log(`\n# ${project} tests`);
  const report = join(scratch, `${project}.json`);
  const code = await run('pnpm', [
    'exec',
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += numPassedTests;
    total.skipped += numPendingTests + numTodoTests;
    total.failed += Math.max(numFailedTests, numFailedTests === 0 && (code !== 0 || numFailedTestSuites > 0) ? 1 : 0);
  } catch {
    total.failed += 1;
  }
}

function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
