import { setFlagsFromString } from 'node:v8';
import { MailError } from '@stopgap/core';
import { Option, type Command } from 'commander';
import { readRoles, ROLES } from '../roles.ts';
import type { ServeOptions } from '../serve.ts';
import { configOf, sourceOf } from '../session.ts';
import { stopSignal } from '../stop-signals.ts';

const ROLES_HELP = `
Roles, for maintenance; one "serve" for each data directory in any case:
  intake   takes mail in; without "deliver" it waits
  deliver  sends what waits, settles what is unsure, lets mail expire, makes notices
  mirror   keeps the mailboxes here and at the provider equal
  imap     the door for IMAP programs
  pop3     the door for POP3 programs
  http     health, status, metrics; without it "stopgap status" can not tell that a relay runs`;

const DEMO_HELP = `
It listens where a relay listens by itself, or elsewhere where something else does already; with --config where "listen" of that file says. Nothing else
of a configuration is used, and nothing is left behind.`;

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('runs until SIGTERM or SIGINT')
    .addOption(
      new Option('--role <roles>', `which parts to run: all, or some of ${ROLES.join(', ')} with commas between`)
        .default('all')
        .conflicts('demo'),
    )
    .option('--demo', 'bring a practice provider along that breaks on request')
    .addOption(playOption())
    .addHelpText('after', ROLES_HELP)
    .action(async (options: { role: string; demo?: boolean; play?: boolean }, command: Command) => {
      // Garbage is collected before it has grown much: V8 would let the young take 130 MB, and the rest grow fourfold. All flags count from when they are set.
      setFlagsFromString('--semi-space-growth-factor=1');
      setFlagsFromString('--heap-growing-percent=100');
      // The young are so few that to share them among threads costs more than it saves.
      setFlagsFromString('--no-parallel-scavenge');
      const roles = readRoles(options.role);
      const signal = stopSignal();
      if (options.play && !options.demo) throw new MailError('permanent', '--play belongs to --demo.', { code: 'usage' });
      if (options.demo) return runDemo(signal, options, command);
      const called = process.env['npm_lifecycle_event'] === undefined ? 'stopgap' : 'npm run stopgap';
      await serveUntil(signal, command, { roles, called });
    });
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('serves with a practice provider that breaks on request, on this machine alone')
    .addOption(playOption())
    .addHelpText('after', DEMO_HELP)
    .action((options: { play?: boolean }, command: Command) => runDemo(stopSignal(), options, command));
}

function playOption(): Option {
  return new Option('--play', 'of the demo: play an outage in this terminal instead, to its end');
}

/** Once; and once more with the new configuration when the relay has been set up in its page. */
async function serveUntil(signal: AbortSignal, command: Command, options: Pick<ServeOptions, 'roles' | 'called'>): Promise<void> {
  for (;;) {
    const configured = new AbortController();
    const firstRun = { source: sourceOf(command), onConfigured: () => configured.abort() };
    const config = configOf(command);
    const { serve } = await import('../serve.ts');
    await serve(config, { ...options, signal: AbortSignal.any([signal, configured.signal]), firstRun });
    if (signal.aborted || !configured.signal.aborted) return;
  }
}

/** Loaded only when asked for: it brings a mail company along. */
async function runDemo(signal: AbortSignal, { play: isPlay }: { readonly play?: boolean }, command: Command): Promise<void> {
  if (isPlay) {
    const { play } = await import('../demo/play.ts');
    return await play(signal);
  }
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  const listen = file === undefined ? undefined : configOf(command).listen;
  const { demo } = await import('../demo/demo.ts');
  await demo(signal, listen);
}
