import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ConfigError, loadConfig } from './index.ts';

/** NAME/stopgap.yaml is wrong in the way of its name; NAME/expected.txt is what the operator reads. */
const ROOT = fileURLToPath(new URL('bad-configs', import.meta.url));
const names = readdirSync(ROOT);

test('there are bad configurations to refuse', () => {
  expect(names.length).toBeGreaterThanOrEqual(25);
});

test.each(names)('%s stops the start with a sentence', (name) => {
  const folder = join(ROOT, name);
  const expected = readFileSync(join(folder, 'expected.txt'), 'utf8');
  expect(refusalOf(folder)).toBe(expected);
  // A password in the file does not come back in what is said about the file.
  expect(expected).not.toContain('hunter2');
});

function refusalOf(folder: string): string {
  try {
    loadConfig({ env: {}, cwd: folder });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).toBe(error.problems.join('\n'));
    return `${error.problems.join('\n').replaceAll(`${folder}/`, '')}\n`;
  }
  return 'it was taken';
}
