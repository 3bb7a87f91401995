import { Option, type Command } from 'commander';
import { configOf } from '../session.ts';
import { stopSignal } from '../stop-signals.ts';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('runs until SIGTERM or SIGINT')
    .addOption(new Option('--role <role>', 'which parts to run').choices(['all']).default('all'))
    .option('--demo', 'bring a practice provider along and play an outage')
    .action(async (options: { demo?: boolean }, command: Command) => {
      const signal = stopSignal();
      if (options.demo) return playDemo(signal);
      const config = configOf(command);
      const { serve } = await import('../serve.ts');
      await serve(config, { signal, called: process.env['npm_lifecycle_event'] === undefined ? 'stopgap' : 'npm run stopgap' });
    });
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('plays an outage with a practice provider, on this machine alone')
    .action(() => playDemo(stopSignal()));
}

/** Loaded only when asked for: it brings a mail company along. */
async function playDemo(signal: AbortSignal): Promise<void> {
  const { demo } = await import('../demo/demo.ts');
  await demo(signal);
}
