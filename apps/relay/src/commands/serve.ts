import { Option, type Command } from 'commander';
import { configOf } from '../session.ts';
import { serve } from '../serve.ts';

/** Loaded only when asked for: it brings a mail company along. */
async function playDemo(signal: AbortSignal): Promise<void> {
  const { demo } = await import('../demo/demo.ts');
  await demo(signal);
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('runs until SIGTERM or SIGINT')
    .addOption(new Option('--role <role>', 'which parts to run').choices(['all']).default('all'))
    .option('--demo', 'bring a practice provider along and play an outage')
    .action(async (options: { demo?: boolean }, command: Command) => {
      const stop = new AbortController();
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
      if (options.demo) return playDemo(stop.signal);
      await serve(configOf(command), { signal: stop.signal });
    });
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('plays an outage with a practice provider, on this machine alone')
    .action(async () => {
      const stop = new AbortController();
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
      await playDemo(stop.signal);
    });
}
