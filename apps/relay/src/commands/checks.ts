import { dirname } from 'node:path';
import { accessSync, constants, existsSync } from 'node:fs';
import type { Path } from '@stopgap/core';
import type { Config } from '@stopgap/config';
import type { Command } from 'commander';
import { sentenceOf } from '../failure.ts';
import { probePath, upstreamsOf } from '../one-shot-accounts.ts';
import { configOf, hasStore, vaultOf, withStore } from '../session.ts';

/** As `check --json` prints it. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** @throws ConfigError; everything else that is wrong is a check that failed */
export async function runChecks(command: Command): Promise<Check[]> {
  const config = configOf(command);
  const store = checkStore(command, config);
  return [
    { what: 'configuration', ok: true, detail: config.file ?? 'defaults, no file' },
    ...config.warnings.map((warning) => ({ what: 'configuration', ok: true, detail: `warning: ${warning}` })),
    await store,
    ...(await checkPaths(config)),
  ];
}

async function checkStore(command: Command, config: Config): Promise<Check> {
  const { dataDir } = config;
  try {
    if (!hasStore(dataDir)) {
      accessSync(nearest(dataDir), constants.W_OK);
      return { what: 'store', ok: true, detail: `${dataDir} (not there yet; "stopgap serve" makes it)` };
    }
    await withStore(command, async ({ store }) => {
      await vaultOf(config, store);
      await store.write(() => undefined);
    });
    return { what: 'store', ok: true, detail: dataDir };
  } catch (error) {
    return { what: 'store', ok: false, detail: sentenceOf(error) };
  }
}

async function checkPaths(config: Config): Promise<Check[]> {
  if (config.providers.length === 0) {
    return [{ what: 'providers', ok: false, detail: 'none is configured: nothing can be relayed. See "stopgap config".' }];
  }
  const upstreams = upstreamsOf(config);
  const probe = async (path: Path, timeoutMs: number): Promise<Check> => {
    const result = await probePath(upstreams, path, AbortSignal.timeout(timeoutMs));
    const detail = result.kind === 'answered' ? `answered in ${Math.round(result.elapsedMs)} ms` : result.reason.text;
    return { what: path.id, ok: result.kind === 'answered', detail };
  };
  return Promise.all(
    config.providers.flatMap((provider) =>
      [...provider.incoming, ...provider.outgoing].map((path) => probe(path, provider.probe.timeoutMs)),
    ),
  );
}

/** The directory itself, or the first one above it that is there. */
function nearest(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : nearest(dirname(directory));
}
