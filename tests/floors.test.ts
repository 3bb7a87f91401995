import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { brokenRules } from './floors/rules.ts';
import { readTree, type Manifest, type Package } from './floors/tree.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('every package keeps to its floor', () => {
  const tree = readTree(ROOT);
  expect(tree.map((one) => one.name)).toContain('@stopgap/core');
  expect(tree.flatMap((one) => one.files).length).toBeGreaterThan(100);
  expect(brokenRules(tree)).toEqual([]);
});

describe('the rules notice', () => {
  const one = (name: string, files: Readonly<Record<string, string>>, manifest: Manifest = {}): Package => ({
    name: `@stopgap/${name}`,
    folder: `packages/${name}`,
    manifest: { exports: { '.': './src/index.ts' }, ...manifest },
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
  });
  const needs = (...names: readonly string[]): Manifest => ({
    dependencies: Object.fromEntries(names.map((name) => [`@stopgap/${name}`, 'workspace:*'])),
  });
  const others = ['core', 'log', 'store', 'upstreams', 'health', 'outbox', 'testkit'].map((name) => one(name, {}));
  /** The package stands among others that are all well. */
  const broken = (...packages: readonly Package[]) => {
    const names = new Set(packages.map(({ name }) => name));
    return brokenRules([...packages, ...others.filter(({ name }) => !names.has(name))]);
  };

  test('nothing where all is well', () => {
    const store = one(
      'store',
      { 'src/a.ts': `import { x } from '@stopgap/core';\nexport * from './b/c.ts';`, 'src/b/c.ts': `import '../a.ts';` },
      needs('core'),
    );
    expect(broken(store)).toEqual([]);
  });

  test.each([
    ['an arrow up', one('store', { 'src/a.ts': `import { x } from '@stopgap/outbox';` }), /imports @stopgap\/outbox, which is up/],
    ['an arrow sideways', one('store', { 'src/a.ts': `import type { X } from '@stopgap/upstreams';` }), /which is sideways/],
    ['an arrow up in a dynamic import', one('store', { 'src/a.ts': `await import('@stopgap/health')` }), /which is up/],
    ['an arrow up in a re-export over lines', one('store', { 'src/a.ts': `export {\n  x,\n} from '@stopgap/health';` }), /which is up/],
    ['an arrow up in package.json', one('store', {}, needs('health')), /depends on @stopgap\/health, which is up/],
    ['a deep import', one('store', { 'src/a.ts': `import { x } from '@stopgap/core/src/ids.ts';` }, needs('core')), /does not export/],
    ['a relative import that leaves', one('store', { 'src/a.ts': `import { x } from '../../core/src/ids.ts';` }), /leaves its package/],
    [
      'an import that package.json does not name',
      one('store', { 'src/a.ts': `import { x } from '@stopgap/core';` }),
      /package.json does not name/,
    ],
    ['a foreign import that it does not name', one('store', { 'src/a.ts': `import zod from 'zod/v4';` }), /package.json does not name/],
    ['a version of its own', one('store', {}, { dependencies: { zod: '^4.0.0' } }), /zod as \^4.0.0; write catalog:/],
    ['a workspace version of its own', one('store', {}, { devDependencies: { '@stopgap/testkit': '1.0.0' } }), /write workspace:\*/],
    ['testkit in the product', one('store', { 'src/a.ts': `import { x } from '@stopgap/testkit';` }, needs('testkit')), /for tests only/],
    ['a bench of the tests in the product', one('store', { 'src/a.ts': `import { x } from './test-bench.ts';` }), /for tests only/],
    ['a drawer', one('store', { 'src/utils.ts': '' }), /drawer: utils/],
    ['a folder that is a drawer', one('store', { 'src/common/x.ts': '' }), /drawer: common/],
    ['a long file', one('store', { 'src/a.ts': '\n'.repeat(351) }), /has 351 lines/],
    ['a test that is left out', one('store', { 'src/a.test.ts': ['test.sk', `ip('x', () => {});`].join('') }), /says/],
    ['a package without a floor', one('attic', {}), /stands on no floor/],
  ])('%s', (_, wrong, sentence) => {
    const found = broken(wrong);
    expect(found.some((text) => sentence.test(text))).toBe(true);
  });

  test('that a test may use testkit, and be long', () => {
    const manifest: Manifest = { devDependencies: { '@stopgap/testkit': 'workspace:*' } };
    const text = `import { x } from '@stopgap/testkit';\nimport { test } from 'vitest';${'\n'.repeat(500)}`;
    expect(broken(one('store', { 'src/a.test.ts': text }, manifest))).toEqual([]);
    expect(broken(one('store', { 'src/a.ts': text }, manifest)).length).toBeGreaterThan(0);
  });
});
