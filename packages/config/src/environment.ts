import { oneOf, fullName } from './value.ts';
import type { LogLevel } from './schema.ts';
import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that are read, beside those that a `passwordEnv` names. They win over the file. */
export const ENVIRONMENT = [
  { name: 'STOPGAP_CONFIG', doc: 'The configuration file, where --config names none.', example: '/etc/stopgap.yaml' },
  { name: 'STOPGAP_DATA', doc: 'Instead of `data`; relative to the working directory.', example: '/var/lib/stopgap' },
  { name: 'STOPGAP_HOSTNAME', doc: 'Instead of `hostname`.', example: 'relay.example.org' },
  {
    name: 'STOPGAP_KEY',
    doc: 'The key that seals credentials, 32 bytes in base64, kept apart from the data it protects. Without it: one is made and kept in `data`.',
    example: 'what `openssl rand -base64 32` prints',
  },
  { name: 'STOPGAP_KEY_FILE', doc: 'File with that key on its first line.', example: '/run/secrets/stopgap-key' },
  { name: 'STOPGAP_LOG_LEVEL', doc: 'Instead of `log.level`.', example: 'debug' },
] as const;

/** Empty is the same as not set: compose files and unit files set variables to nothing. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

export interface Overrides {
  readonly data?: string;
  readonly hostname?: string;
  readonly logLevel?: LogLevel;
  readonly problems: readonly string[];
}

export function readOverrides(env: Environment): Overrides {
  const problems: string[] = [];
  const checked = <T>(name: (typeof ENVIRONMENT)[number]['name'], schema: z.ZodType<T>): T | undefined => {
    const given = readVariable(env, name);
    if (given === undefined) return undefined;
    const result = schema.safeParse(given);
    if (!result.success) problems.push(`${name}: ${result.error.issues[0]?.message ?? 'is not valid'}`);
    return result.data;
  };
  const data = readVariable(env, 'STOPGAP_DATA');
  const hostname = checked('STOPGAP_HOSTNAME', fullName);
  const logLevel = checked('STOPGAP_LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error'));
  return { ...(data && { data }), ...(hostname && { hostname }), ...(logLevel && { logLevel }), problems };
}
