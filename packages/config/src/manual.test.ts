import { expect, test } from 'vitest';
import { z } from 'zod';
import { ENVIRONMENT } from './environment.ts';
import { configManual } from './manual.ts';
import { fileSchema } from './schema.ts';
import { keysOf } from './schema-walk.ts';

const keys = keysOf(fileSchema).map((key) => [`${key.name}${key.kind === undefined ? '' : ` (${key.kind})`}`, key] as const);

test('the manual knows the keys of every depth', () => {
  const names = keys.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'hostname',
      'limits.loginFailures.perAccount',
      'providers[].probe.every',
      'providers[].outgoing[].alternateFrom (smarthost)',
    ]),
  );
  expect(new Set(names).size).toBe(names.length);
});

test.each(keys)('%s is explained, and takes its own default and example', (name, { doc, schema }) => {
  expect(configManual()).toContain(`\n${name}`);
  expect(doc?.doc.length).toBeGreaterThan(10);
  expect(doc?.unit).toMatch(/\w/);
  if (doc?.default !== undefined) {
    expect(z.safeParse(schema, doc.default)).toMatchObject({ success: true });
    expect(doc.example).toBeDefined();
  }
  if (doc?.example !== undefined) expect(z.safeParse(schema, doc.example)).toMatchObject({ success: true });
});

test('the manual names every variable of the environment', () => {
  for (const { name, doc } of ENVIRONMENT) {
    expect(configManual()).toContain(`\n${name}\n`);
    expect(doc.length).toBeGreaterThan(10);
  }
});
