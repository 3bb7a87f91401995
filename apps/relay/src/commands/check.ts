import type { Command } from 'commander';
import { print, printJson, table } from '../table.ts';

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('is the configuration valid, the store reachable, does every path answer?')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { runChecks } = await import('./checks.ts');
      const checks = await runChecks(command);
      const failed = checks.filter((check) => !check.ok);
      if (failed.length > 0) process.exitCode = 1;
      if (options.json) return printJson({ ok: failed.length === 0, checks });
      print(
        table(
          ['', 'WHAT', 'DETAIL'],
          checks.map((check) => [check.ok ? 'ok' : 'FAIL', check.what, check.detail]),
        ),
      );
      print(failed.length === 0 ? '\nEverything is in order.' : `\n${failed.length} of ${checks.length} checks failed.`);
    });
}
