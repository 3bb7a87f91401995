import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('a secret shows itself only to open()', () => {
  const secret = new Secret('hunter2');
  const shown = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }),
    inspect(secret, { showHidden: true }),
  ];
  expect(shown.join(' ')).not.toContain('hunter2');
  expect(secret.open()).toBe('hunter2');
});
