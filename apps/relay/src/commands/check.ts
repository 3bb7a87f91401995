import { messageOf, systemClock, type Path } from '@stopgap/core';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import type { Command } from 'commander';
import { configOf, vaultOf, withStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';

interface CheckLine {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('is the configuration valid, the store reachable, does every path answer?')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }, command: Command) => {
      const lines = await runChecks(command);
      if (options.json) printJson({ ok: lines.every((line) => line.ok), checks: lines });
      else
        print(
          table(
            ['', 'WHAT', 'DETAIL'],
            lines.map((line) => [line.ok ? 'ok' : 'FAIL', line.what, line.detail]),
          ),
        );
      if (lines.some((line) => !line.ok)) process.exitCode = 1;
    });
}

async function runChecks(command: Command): Promise<CheckLine[]> {
  const config = configOf(command);
  const lines: CheckLine[] = [
    { what: 'configuration', ok: true, detail: config.file ?? 'defaults, no file' },
    ...config.warnings.map((warning) => ({ what: 'configuration', ok: true, detail: `warning: ${warning}` })),
  ];
  lines.push(await checkStore(command));
  const upstreams = createUpstreams({
    guard: createGuard({ allowPrivate: config.allowPrivateUpstreams }),
    clock: systemClock,
    heloName: config.hostname,
  });
  const probe = async (path: Path, timeoutMs: number): Promise<CheckLine> => {
    const result = await upstreams[path.kind].probe(path, AbortSignal.timeout(timeoutMs));
    const detail = result.kind === 'answered' ? `answered in ${Math.round(result.elapsedMs)} ms` : result.reason.text;
    return { what: path.id, ok: result.kind === 'answered', detail };
  };
  const paths = config.providers.flatMap((provider) =>
    [...provider.incoming, ...provider.outgoing].map((path) => probe(path, provider.probe.timeoutMs)),
  );
  if (paths.length === 0)
    lines.push({ what: 'providers', ok: false, detail: 'none is configured: nothing can be relayed. See "stopgap config".' });
  return [...lines, ...(await Promise.all(paths))];
}

async function checkStore(command: Command): Promise<CheckLine> {
  try {
    return await withStore(command, async ({ config, store }) => {
      await vaultOf(config, store);
      await store.write(() => undefined);
      return { what: 'store', ok: true, detail: config.dataDir };
    });
  } catch (error) {
    return { what: 'store', ok: false, detail: messageOf(error) };
  }
}
