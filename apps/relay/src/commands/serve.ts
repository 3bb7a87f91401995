import { Option, type Command } from 'commander';
import { configOf } from '../session.ts';
import { serve } from '../serve.ts';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('runs until SIGTERM or SIGINT')
    .addOption(new Option('--role <role>', 'which parts to run').choices(['all']).default('all'))
    .option('--demo', 'bring a practice provider along and play an outage')
    .action(async (options: { demo?: boolean }, command: Command) => {
      if (options.demo) {
        const { demo } = await import('../demo/demo.ts');
        await demo();
        return;
      }
      const stop = new AbortController();
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
      await serve(configOf(command), { signal: stop.signal });
    });
}
