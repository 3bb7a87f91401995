import { configManual, exampleConfig } from '@stopgap/config';
import type { Command } from 'commander';
import { configOf } from '../session.ts';
import { count, print } from '../table.ts';

export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('the manual of every key of stopgap.yaml')
    .action(() => print(configManual()));

  config
    .command('example')
    .description('the smallest file that makes a relay for one provider, to begin with')
    .action(() => print(exampleConfig().trimEnd()));

  config
    .command('check')
    .argument('[file]')
    .description('is this file valid?')
    .action((file: string | undefined, _options: unknown, command: Command) => {
      if (file !== undefined) command.setOptionValue('config', file);
      const checked = configOf(command);
      for (const warning of checked.warnings) print(`warning: ${warning}`);
      print(`${checked.file ?? 'The defaults (no file)'}: valid, ${count(checked.providers.length, 'provider')}.`);
    });
}
