import { MailError } from '@stopgap/core';
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addCheckCommand } from './commands/check.ts';
import { addConfigCommand } from './commands/config.ts';
import { addEraseCommand } from './commands/erase.ts';
import { addExportCommand } from './commands/export.ts';
import { addMirrorCommands } from './commands/mirror.ts';
import { addQueueCommands } from './commands/queue.ts';
import { addDemoCommand, addServeCommand } from './commands/serve.ts';
import { addStatusCommand } from './commands/status.ts';
import { sentenceOf } from './failure.ts';

/** Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<void> {
  endWithReader();
  try {
    await programOf().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    process.stderr.write(`stopgap: ${sentenceOf(error)}\n`);
    process.exitCode = error instanceof MailError && error.code === 'usage' ? 2 : 1;
  }
}

/** Every command, not run. */
export function programOf(): Command {
  const program = new Command('stopgap')
    .description('A fallback mail relay: takes mail in while the provider is down, and sees that it leaves once.')
    .option('--config <file>', 'configuration file (default: STOPGAP_CONFIG, then ./stopgap.yaml)')
    .showHelpAfterError('Run "stopgap --help" for the commands.')
    .exitOverride();
  addServeCommand(program);
  addDemoCommand(program);
  addCheckCommand(program);
  addStatusCommand(program);
  addQueueCommands(program);
  addMirrorCommands(program);
  addAccountCommands(program);
  addExportCommand(program);
  addEraseCommand(program);
  addConfigCommand(program);
  for (const command of allCommands(program)) command.exitOverride().copyInheritedSettings(program);
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...allCommands(one)]);
}

/** `stopgap queue list | head` has read enough: no reason for a word about it. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}
