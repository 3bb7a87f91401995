import { accessSync, constants, existsSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import { dirname, resolve } from 'node:path';
import { messageOf, Secret } from '@stopgap/core';
import { clientsOf } from './clients.ts';
import type { Config } from './config.ts';
import { checkProviders, checkTogether } from './contradictions.ts';
import { readOverrides, readVariable, type Environment, type Overrides } from './environment.ts';
import { Findings } from './findings.ts';
import { ConfigError, formatKeyPath, type Problem } from './problem.ts';
import { buildProvider } from './providers.ts';
import { fileSchema, type FileConfig } from './schema.ts';
import { problemsOf } from './schema-problems.ts';
import { readSecretFile } from './secret-file.ts';
import { fullName } from './value.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

const STANDARD_FILE = 'stopgap.yaml';
/** Where the machine has no full name: valid in EHLO, and tells nothing about the machine. */
const NAMELESS = 'localhost.localdomain';

export interface ConfigSource {
  /** As given with --config. Undefined: STOPGAP_CONFIG, else `stopgap.yaml` in `cwd` if it is there, else all defaults. */
  readonly file?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
}

/** Reads, checks and completes the configuration. Throws a ConfigError with a sentence for each problem. */
export function loadConfig(source: ConfigSource): Config {
  const { path, isThere } = configPath(source);
  return isThere ? configFrom(readYamlFile(path), path, source) : configFrom({ content: {}, lineOf: () => undefined }, undefined, source);
}

/** Where the file is, or would be. One that was named counts as there: it is an error when it is not. */
export function configPath({ file, env, cwd }: ConfigSource): { readonly path: string; readonly isThere: boolean } {
  const named = file ?? readVariable(env, 'STOPGAP_CONFIG');
  const path = resolve(cwd, named ?? STANDARD_FILE);
  return { path, isThere: named !== undefined || existsSync(path) };
}

/** @param path of the file that this is, or will be; undefined: there is none @throws ConfigError */
export function configFrom(yaml: YamlFile, path: string | undefined, { env, cwd }: Omit<ConfigSource, 'file'>): Config {
  const sentences = (problems: readonly Problem[]) => sentencesOf(problems, path, yaml);

  const result = fileSchema.safeParse(yaml.content);
  const overrides = readOverrides(env);
  if (!result.success) throw new ConfigError([...sentences(problemsOf(result.error, yaml.content)), ...overrides.problems]);

  const findings = new Findings();
  checkTogether(result.data, findings);
  const folder = path === undefined ? cwd : dirname(path);
  const providers = result.data.providers.map((raw, index) => buildProvider(raw, ['providers', index], { folder, env, findings }));
  checkTlsFiles(result.data.tls, folder, findings);
  checkProviders(providers, result.data.allowPrivateUpstreams, findings);
  const vault = readVaultKey(env, cwd);
  const givenName = overrides.hostname ?? result.data.hostname;
  const hostname = chooseHostname(givenName, providers.length > 0);

  const problems = [...sentences(findings.problems), ...overrides.problems, ...vault.problems];
  if (problems.length > 0) throw new ConfigError(problems);
  const warnings = [...sentences(findings.warnings), ...vault.warnings, ...hostname.warnings];
  return {
    ...treeOf(result.data, overrides, folder),
    dataDir: overrides.data === undefined ? resolve(folder, result.data.data) : resolve(cwd, overrides.data),
    hostname: hostname.name,
    clients: clientsOf(result.data.clients, result.data.listen, { given: givenName, used: hostname.name }),
    providers,
    ...(vault.key && { vaultKey: vault.key }),
    ...(path !== undefined && { file: path }),
    warnings,
  };
}

/** Here, with the sentence, rather than at the first client that wants TLS. */
function checkTlsFiles(tls: FileConfig['tls'], folder: string, findings: Findings): void {
  for (const name of ['certificate', 'key'] as const) {
    const file = tls?.[name];
    if (file === undefined) continue;
    try {
      accessSync(resolve(folder, file), constants.R_OK);
    } catch (error) {
      findings.problem(['tls', name], `can not be read (${messageOf(error)}); create the file or correct its name`);
    }
  }
}

/** In the order of the file. */
function sentencesOf(problems: readonly Problem[], file: string | undefined, yaml: YamlFile): string[] {
  return problems
    .map(({ path, text }) => ({ line: yaml.lineOf(path) ?? 0, text: `${path.length === 0 ? 'the file' : formatKeyPath(path)} ${text}` }))
    .sort((a, b) => a.line - b.line)
    .map(({ line, text }) => (file === undefined ? text : `${file}${line === 0 ? '' : `:${line}`}: ${text}`));
}

function treeOf(
  raw: FileConfig,
  overrides: Overrides,
  folder: string,
): Omit<Config, 'hostname' | 'clients' | 'dataDir' | 'providers' | 'warnings'> {
  const { limits, retry, mirror } = raw;
  const { certificate, key } = raw.tls ?? {};
  return {
    listen: raw.listen,
    ...(certificate !== undefined &&
      key !== undefined && { tls: { certificateFile: resolve(folder, certificate), keyFile: resolve(folder, key) } }),
    plaintextAuth: raw.plaintextAuth,
    limits: {
      ...limits,
      loginFailures: {
        perAccount: limits.loginFailures.perAccount,
        perAddress: limits.loginFailures.perAddress,
        withinMs: limits.loginFailures.within,
      },
    },
    retry: {
      backoff: { firstMs: retry.first, factor: retry.factor, longestMs: retry.longest },
      expireAfterMs: retry.expireAfter,
      delayNoticeAfterMs: retry.delayNoticeAfter,
    },
    unsure: { settleMs: raw.unsure.settle, retries: raw.unsure.retries },
    mirror: {
      pollEveryMs: mirror.pollEvery,
      keepExpungedMs: mirror.keepExpunged,
      quotaBytes: mirror.quota,
      brake: mirror.brake,
    },
    pop3: { deletion: raw.pop3.delete },
    enrolment: raw.enrolment,
    allowPrivateUpstreams: raw.allowPrivateUpstreams,
    dnsServers: raw.dns.servers,
    http: raw.http,
    log: { level: overrides.logLevel ?? raw.log.level, format: raw.log.format },
  };
}

function readVaultKey(env: Environment, cwd: string): { key?: Secret; problems: string[]; warnings: string[] } {
  const text = readVariable(env, 'STOPGAP_KEY');
  const file = readVariable(env, 'STOPGAP_KEY_FILE');
  if (text !== undefined && file !== undefined) {
    return { problems: ['STOPGAP_KEY_FILE contradicts STOPGAP_KEY; set one of them'], warnings: [] };
  }
  if (text !== undefined) return { key: new Secret(text), problems: [], warnings: [] };
  if (file === undefined) return { problems: [], warnings: [] };
  const read = readSecretFile(resolve(cwd, file));
  if (read.kind === 'failed') return { problems: [`STOPGAP_KEY_FILE ${read.text}`], warnings: [] };
  return { key: read.secret, problems: [], warnings: read.warning === undefined ? [] : [`STOPGAP_KEY_FILE: ${read.warning}`] };
}

function chooseHostname(given: string | undefined, hasProviders: boolean): { name: string; warnings: string[] } {
  if (given !== undefined) return { name: given, warnings: [] };
  const own = fullName.safeParse(machineName());
  if (own.success) return { name: own.data, warnings: [] };
  const warning = `hostname is not set and this machine has no full name: other servers will see ${NAMELESS}; set hostname`;
  return { name: NAMELESS, warnings: hasProviders ? [warning] : [] };
}
