import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MailError, messageOf } from '@stopgap/core';
import { Document, isCollection, isMap, isSeq, parseDocument, type Node } from 'yaml';
import type { Config } from './config.ts';
import { isHost } from './host-port.ts';
import { configFrom, configPath, type ConfigSource } from './load.ts';
import { ConfigError } from './problem.ts';
import { fileSchema } from './schema.ts';
import { parseYaml } from './yaml-file.ts';

const HEAD = ` Written when this relay was set up in the browser. "stopgap config" prints the manual of every key.`;
const MAIL_DOORS = ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s'] as const;

/** A path as the file has it. Nothing in it names a file or a variable: it may come from a browser. */
export type NewPath =
  | {
      readonly kind: 'imap' | 'pop3' | 'smtp';
      readonly host: string;
      readonly port: number;
      readonly security: 'tls' | 'starttls' | 'none';
    }
  | { readonly kind: 'roundcube' | 'jmap'; readonly url: string };

export interface NewProvider {
  readonly name: string;
  readonly domains: readonly string[];
  readonly login: 'address' | 'localpart';
  readonly incoming: readonly NewPath[];
  readonly outgoing: readonly NewPath[];
}

export interface FirstSettings {
  readonly provider: NewProvider;
  /** Given: the doors of mail programs are opened for other machines too, which reach this one by that name or IP address. */
  readonly network?: { readonly name: string };
}

export interface FirstConfig {
  readonly file: string;
  /** As it will be read from the file. */
  readonly config: Config;
  /** What the file will hold, for who has to write it by hand. */
  readonly text: string;
  /** Writes it, whole or not at all. @throws MailError `config-file` */
  write(): Promise<void>;
}

/**
 * The configuration of a relay that has no provider yet. Where there is no file, one is made; a file without providers keeps everything that stands in it.
 * @throws ConfigError when it would not be valid, or there is a provider by now
 */
export function firstConfig(source: ConfigSource, settings: FirstSettings): FirstConfig {
  const { path, isThere } = configPath(source);
  const old = isThere ? { text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 } : undefined;
  if (old !== undefined) refuseOther(old.text, path);
  const text = withSettings(old?.text, settings);
  return {
    file: path,
    text,
    config: configFrom(parseYaml(text, path), path, source),
    write: () => (old === undefined ? create(path, text) : replace(path, { old, text })),
  };
}

function refuseOther(text: string, path: string): void {
  const { content } = parseYaml(text, path);
  const providers: unknown = content !== null && typeof content === 'object' && 'providers' in content ? content.providers : [];
  if (Array.isArray(providers) && providers.length === 0) return;
  throw new ConfigError([`${path} names a provider already; start the relay again to use it`]);
}

function withSettings(old: string | undefined, { provider, network }: FirstSettings): string {
  const document = old === undefined ? new Document({}) : parseDocument(old);
  if (old === undefined) document.commentBefore = HEAD;
  if (document.contents === null) document.contents = document.createNode({});
  if (network !== undefined) openForOthers(document, network.name);
  const node = document.createNode([provider]);
  for (const direction of ['incoming', 'outgoing']) {
    const paths: unknown = node.getIn([0, direction], true);
    if (isSeq<Node>(paths)) for (const path of paths.items) if (isMap(path)) path.flow = true;
  }
  const domains: unknown = node.getIn([0, 'domains'], true);
  if (isCollection(domains)) domains.flow = true;
  document.set('providers', node);
  return document.toString({ lineWidth: 0 });
}

/** What the operator has written down stays. */
function openForOthers(document: Document, name: string): void {
  const isName = isHost(name) && /[a-z]/i.test(name) && name.includes('.');
  if (isName && !document.has('hostname')) document.set('hostname', name);
  if (!document.hasIn(['clients', 'hostname'])) document.setIn(['clients', 'hostname'], name);
  const { listen } = fileSchema.parse({});
  for (const door of MAIL_DOORS) {
    const at = listen[door];
    if (at !== false && !document.hasIn(['listen', door])) document.setIn(['listen', door], `0.0.0.0:${at.port}`);
  }
}

/** A link fails where there is a file by now; renaming would replace it. */
async function create(path: string, text: string): Promise<void> {
  const fresh = await freshFile(path, { text, mode: 0o600 });
  try {
    await link(fresh, path);
  } catch (cause) {
    throw notWritten(path, cause);
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(path);
}

async function replace(
  path: string,
  { old, text }: { readonly old: { readonly text: string; readonly mode: number }; readonly text: string },
): Promise<void> {
  const fresh = await freshFile(path, { text, mode: old.mode });
  try {
    if (readFileSync(path, 'utf8') !== old.text) throw new Error('somebody has changed it meanwhile');
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw notWritten(path, cause);
  }
  await syncFolder(path);
}

async function freshFile(path: string, { text, mode }: { readonly text: string; readonly mode: number }): Promise<string> {
  const fresh = join(dirname(path), `.stopgap-${randomUUID()}.yaml`);
  try {
    await using file = await open(fresh, 'wx', 0o600);
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
    return fresh;
  } catch (cause) {
    await rm(fresh, { force: true });
    throw notWritten(path, cause);
  }
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

function notWritten(path: string, cause: unknown): MailError {
  return new MailError('permanent', `${path} can not be written (${messageOf(cause)})`, { code: 'config-file', cause });
}
