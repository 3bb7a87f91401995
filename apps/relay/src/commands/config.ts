import { isIP } from 'node:net';
import { MailError } from '@stopgap/core';
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
    .command('dns')
    .description('records for the name servers of your domains, by which mail programs find this relay')
    .action(async (_options: unknown, command: Command) => {
      const { clientServers, srvRecords } = await import('@stopgap/http-api');
      const { clients, hostname, listen, providers } = configOf(command);
      const domains = providers.flatMap((provider) => provider.domains);
      if (domains.length === 0) throw unusable('no provider is configured, so there is no domain to have records for');
      for (const name of [hostname, clients.hostname]) {
        if (isIP(name) !== 0 || !name.includes('.'))
          throw unusable(`${name} is no name that others can find; set hostname, or clients.hostname`);
      }
      print(srvRecords(clientServers(listen, clients), { hostname, domains }).trimEnd());
    });

  config
    .command('check')
    .argument('[file]')
    .description('is this file valid?')
    .action((file: string | undefined, _options: unknown, command: Command) => {
      // Before a --config, which is the program's own option and would win else.
      if (file !== undefined) program.setOptionValue('config', file);
      const checked = configOf(command);
      for (const warning of checked.warnings) print(`warning: ${warning}`);
      print(`${checked.file ?? 'The defaults (no file)'}: valid, ${count(checked.providers.length, 'provider')}.`);
    });
}

function unusable(why: string): MailError {
  return new MailError('permanent', `There are no records to print: ${why}.`, { code: 'config' });
}
