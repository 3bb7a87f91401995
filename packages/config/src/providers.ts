import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { asId, assertNever, messageOf, pathIdOf, Secret, type Direction, type Path, type Provider } from '@stopgap/core';
import { readVariable, type Environment } from './environment.ts';
import type { Findings } from './findings.ts';
import { formatHostPort } from './host-port.ts';
import type { KeyPath } from './problem.ts';
import type { RawPath, RawProvider } from './provider-schema.ts';
import { readSecretFile } from './secret-file.ts';

export interface BuildContext {
  /** File names in the configuration are relative to it. */
  readonly folder: string;
  readonly env: Environment;
  readonly findings: Findings;
}

type RawSmarthost = Extract<RawPath, { kind: 'smarthost' }>;

export function buildProvider(raw: RawProvider, at: KeyPath, context: BuildContext): Provider {
  const pathsOf = (direction: Direction) =>
    raw[direction].map((path, index) => buildPath(path, { provider: raw.name, direction }, [...at, direction, index], context));
  return {
    name: asId.provider(raw.name),
    domains: raw.domains,
    login: raw.login,
    incoming: pathsOf('incoming'),
    outgoing: pathsOf('outgoing'),
    probe: {
      everyMs: raw.probe.every,
      timeoutMs: raw.probe.timeout,
      downAfter: raw.probe.downAfter,
      upAfter: raw.probe.upAfter,
      ...(raw.probe.account === undefined ? {} : { account: asId.account(raw.probe.account.toLowerCase()) }),
    },
  };
}

function buildPath(raw: RawPath, owner: { provider: string; direction: Direction }, at: KeyPath, context: BuildContext): Path {
  const ca = raw.caFile === undefined ? undefined : readAuthorities(raw.caFile, [...at, 'caFile'], context);
  const url = 'url' in raw ? withSlash(raw) : '';
  const place = 'url' in raw ? url : formatHostPort(raw);
  const base = {
    id: pathIdOf(owner.provider, owner.direction, raw.kind, place),
    provider: asId.provider(owner.provider),
    connections: raw.connections,
    ...(ca === undefined ? {} : { ca }),
  };
  switch (raw.kind) {
    case 'roundcube':
    case 'jmap':
      return { ...base, direction: owner.direction, kind: raw.kind, url };
    case 'smarthost': {
      const { host, port, security, username, alternateFrom } = raw;
      const password = readPassword(raw, at, context);
      return {
        ...base,
        direction: 'outgoing',
        kind: 'smarthost',
        host,
        port,
        security,
        afterMs: raw.after,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(alternateFrom === undefined ? {} : { alternateFrom }),
      };
    }
    case 'imap':
    case 'pop3':
    case 'smtp':
      return { ...base, direction: owner.direction, kind: raw.kind, host: raw.host, port: raw.port, security: raw.security };
    default:
      return assertNever(raw);
  }
}

/** Roundcube's own links are relative to its folder. */
function withSlash(raw: Extract<RawPath, { url: string }>): string {
  if (raw.kind !== 'roundcube') return raw.url;
  const url = new URL(raw.url);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

function readAuthorities(name: string, at: KeyPath, { folder, findings }: BuildContext): string | undefined {
  const file = resolve(folder, name);
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    findings.problem(at, `${file} holds no PEM certificate; it must have a line -----BEGIN CERTIFICATE-----`);
  } catch (error) {
    findings.problem(at, `can not be read (${messageOf(error)}); create the file or correct its name`);
  }
  return undefined;
}

function readPassword(raw: RawSmarthost, at: KeyPath, { folder, env, findings }: BuildContext): Secret | undefined {
  const given = (['password', 'passwordFile', 'passwordEnv'] as const).filter((name) => raw[name] !== undefined);
  if (given.length > 1) findings.problem([...at, given[1] ?? ''], `contradicts ${given[0]}; keep one of them`);
  if (raw.username === undefined && given[0] !== undefined)
    findings.problem([...at, given[0]], 'has no username beside it; add username, or leave the password out');
  if (raw.username !== undefined && given.length === 0)
    findings.problem([...at, 'username'], 'has no password beside it; add password, passwordFile or passwordEnv');
  if (raw.password !== undefined) return new Secret(raw.password);
  if (raw.passwordFile !== undefined) {
    const read = readSecretFile(resolve(folder, raw.passwordFile));
    if (read.kind === 'failed') findings.problem([...at, 'passwordFile'], read.text);
    else if (read.warning !== undefined) findings.warning([...at, 'passwordFile'], read.warning);
    return read.kind === 'read' ? read.secret : undefined;
  }
  if (raw.passwordEnv === undefined) return undefined;
  const text = readVariable(env, raw.passwordEnv);
  if (text === undefined)
    findings.problem([...at, 'passwordEnv'], `names ${raw.passwordEnv}, which is not set in the environment; set it or use passwordFile`);
  return text === undefined ? undefined : new Secret(text);
}
