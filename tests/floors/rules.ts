/*
 * Who may import whom. A package stands on a floor and imports only from lower ones, through what the other package exports; `core`, `log` and
 * `config` are open to all above them. testkit may import any package, and only tests may import testkit.
 */
import { posix } from 'node:path';
import type { Package, SourceFile } from './tree.ts';

const SCOPE = '@stopgap/';
const TESTKIT = '@stopgap/testkit';

/** A new package gets its line here, or the test fails. */
const FLOORS: ReadonlyMap<string, number> = new Map([
  ['@stopgap/core', 0],
  ['@stopgap/log', 1],
  ['@stopgap/config', 1],
  ['@stopgap/message', 1],
  ['@stopgap/jmap', 1],
  ['@stopgap/door', 2],
  ['@stopgap/store', 2],
  ['@stopgap/upstreams', 2],
  ['@stopgap/health', 3],
  ['@stopgap/mailbox', 3],
  ['@stopgap/accounts', 4],
  ['@stopgap/outbox', 4],
  ['@stopgap/mirror', 4],
  ['@stopgap/smtp-intake', 5],
  ['@stopgap/imap-server', 5],
  ['@stopgap/pop3-server', 5],
  ['@stopgap/http-api', 5],
  ['@stopgap/relay', 6],
  ['@stopgap/web', 6],
]);

/** Plays a provider for people who try it out, so it stands on the fakes of testkit. */
const DEMO = { packageName: '@stopgap/relay', folder: 'src/demo/' };

/** Talks to the relay by HTTP alone, so that nothing of a server finds its way into a browser. */
const BROWSER = { packageName: '@stopgap/web', mayImport: ['@stopgap/jmap'] };

/** Above it there are two ideas in the file. */
const MOST_LINES = 350;
/** Tables with one line for each text of the web client: they hold one idea, however long they are. */
const CATALOGUES: readonly string[] = ['src/words/en.ts', 'src/words/de.ts'];
/** Names that say nothing: everything ends up in such a file. */
const DRAWERS: readonly string[] = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'manager'];
/** Put together here so that this file does not hold them. */
const UNFINISHED: readonly string[] = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['.sk', 'ip('],
  ['.on', 'ly('],
  ['lint-', 'disable'],
  ['@ts-', 'ignore'],
].map((parts) => parts.join(''));

/** A sentence for each broken rule; none: all is well. */
export function brokenRules(tree: readonly Package[]): string[] {
  const packages = new Map(tree.map((one) => [one.name, one]));
  return tree.flatMap((one) => [
    ...(FLOORS.has(one.name) || one.name === TESTKIT ? [] : [`${one.name} stands on no floor; give it a line in the table`]),
    ...dependencyRules(one),
    ...one.files.flatMap((file) => [
      ...fileRules(file).map((text) => `${one.folder}/${file.path} ${text}`),
      ...importsOf(file.text).flatMap((name) =>
        importRules(name, { from: one, file, packages }).map((text) => `${one.folder}/${file.path} ${text}`),
      ),
    ]),
  ]);
}

function dependencyRules({ name, manifest }: Package): string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).flatMap(([other, version]) => {
    const wanted = other.startsWith(SCOPE) ? 'workspace:*' : 'catalog:';
    const wrongVersion = version === wanted ? [] : [`${name} depends on ${other} as ${version}; write ${wanted}`];
    const isForTests = manifest.dependencies?.[other] === undefined;
    const isForDemo = name === DEMO.packageName && other === TESTKIT;
    const wrongWay = other.startsWith(SCOPE) && !isForTests && !isForDemo ? wayProblems(name, other) : [];
    return [...wrongVersion, ...wrongWay.map((text) => `${name} depends on ${other}, ${text}`)];
  });
}

function fileRules({ path, text }: SourceFile): string[] {
  const words = posix.dirname(path).split('/').slice(1);
  const name = posix.basename(path).replace(/(?:\.test)?\.\w+$/, '');
  const drawer = [...words, name].find((word) => DRAWERS.includes(word));
  const lines = text.split('\n').length - 1;
  const unfinished = UNFINISHED.find((word) => text.includes(word));
  return [
    ...(drawer === undefined ? [] : [`is a drawer: ${drawer} names no one thing`]),
    ...(lines > MOST_LINES && !isTest(path) && !CATALOGUES.includes(path)
      ? [`has ${lines} lines; at ${MOST_LINES} look for the second idea`]
      : []),
    ...(unfinished === undefined ? [] : [`says ${unfinished}`]),
  ];
}

interface ImportContext {
  readonly from: Package;
  readonly file: SourceFile;
  readonly packages: ReadonlyMap<string, Package>;
}

function importRules(name: string, { from, file, packages }: ImportContext): string[] {
  if (name.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), name);
    if (!target.startsWith('src/')) return [`imports ${name}, which leaves its package`];
    return isTest(target) && !isTest(file.path) ? [`imports ${name}, which is for tests only`] : [];
  }
  if (name.startsWith('node:') || name === from.name) return [];
  const other = packageOf(name);
  const { dependencies = {}, devDependencies = {} } = from.manifest;
  const isDeclared =
    other in dependencies || (isTest(file.path) && (other in devDependencies || other === 'vitest' || other === 'fast-check'));
  const undeclared = isDeclared ? [] : [`imports ${name}, which its package.json does not name`];
  if (!other.startsWith(SCOPE)) return undeclared;
  const subpath = `.${name.slice(other.length)}`;
  const exported = packages.get(other)?.manifest.exports ?? {};
  const deep = subpath in exported ? [] : [`imports ${name}, which ${other} does not export`];
  return [...undeclared, ...deep, ...importWay(from.name, other, mayUseTestkit(from, file)).map((text) => `imports ${name}, ${text}`)];
}

function mayUseTestkit({ name }: Package, { path }: SourceFile): boolean {
  return isTest(path) || (name === DEMO.packageName && path.startsWith(DEMO.folder));
}

function importWay(from: string, other: string, isTestkitAllowed: boolean): string[] {
  if (other === TESTKIT && isTestkitAllowed) return [];
  return wayProblems(from, other);
}

function wayProblems(from: string, other: string): string[] {
  if (from === TESTKIT) return [];
  if (other === TESTKIT) return ['which is for tests only'];
  if (from === BROWSER.packageName && !BROWSER.mayImport.includes(other)) return ['which is no business of a browser'];
  const own = FLOORS.get(from) ?? 0;
  const theirs = FLOORS.get(other) ?? Number.POSITIVE_INFINITY;
  if (theirs < own) return [];
  // Equal only for the two open ones: config must not need log, nor log config, so even they keep to lower floors.
  return [theirs === own ? 'which is sideways' : 'which is up'];
}

/** Static, side-effect and dynamic imports, and re-exports. */
function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*(['"])([^'"\s]+)\1/gm);
  return [...new Set([...found].map(([, , name = '']) => name))];
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** `test-bench.ts` serves tests, and only them. */
function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || posix.basename(path).startsWith('test-');
}
