import type { Direction, Path } from '@stopgap/core';
import { Findings } from './findings.ts';
import type { NewPath } from './first-config.ts';
import { ConfigError } from './problem.ts';
import { provider } from './provider-schema.ts';
import { buildProvider } from './providers.ts';
import { problemsOf } from './schema-problems.ts';

/** One path that stands in no file yet, to be asked whether it answers. @throws ConfigError when it is none */
export function readNewPath(path: NewPath, direction: Direction): Path {
  const alone = { name: 'setup', domains: ['setup.invalid'], [direction]: [path] };
  const read = provider.safeParse(alone);
  if (!read.success) throw new ConfigError(problemsOf(read.error, alone).map(({ path: at, text }) => `${String(at.at(-1))} ${text}`));
  const [built] = buildProvider(read.data, [], { folder: '', env: {}, findings: new Findings() })[direction];
  if (built === undefined) throw new ConfigError(['there is no path']);
  return built;
}
