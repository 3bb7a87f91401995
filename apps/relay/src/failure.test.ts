import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { MailError } from '@stopgap/core';
import { loadConfig } from '@stopgap/config';
import { tempStore } from '@stopgap/testkit';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sentenceOf } from './failure.ts';

const thrownBy = async (run: () => unknown): Promise<unknown> => {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('what a command says when it fails', () => {
  test('a file that is not there', async () => {
    const error = await thrownBy(() => readFile('/nowhere/at/all'));
    expect(sentenceOf(error)).toBe('/nowhere/at/all: there is no such file or directory.');
  });

  test('a port that is taken', async () => {
    const first = createServer();
    await new Promise<void>((done) => {
      first.listen(0, '127.0.0.1', done);
    });
    const address = first.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const error = await thrownBy(
      () =>
        new Promise((_, reject) => {
          createServer().once('error', reject).listen(port, '127.0.0.1');
        }),
    );
    first.close();
    expect(sentenceOf(error)).toContain('another program has this port');
  });

  test('our own sentences stay as they are', () => {
    expect(sentenceOf(new MailError('permanent', 'No such thing.', { code: 'x' }))).toBe('No such thing.');
  });

  test('a configuration with two problems is told with both, one a line', async () => {
    await using temp = await tempStore();
    const file = join(temp.dataDir, 'stopgap.yaml');
    await writeFile(file, 'hostnam: x\nenrolment: maybe\n');
    const lines = sentenceOf(await thrownBy(() => loadConfig({ file, env: {}, cwd: temp.dataDir }))).split('\n');
    expect(lines[0]).toBe('The configuration can not be used:');
    expect(lines.join('\n')).toContain('hostnam');
    expect(lines.join('\n')).toContain('enrolment');
  });

  test('anything else is told by its message, never by its stack', () => {
    expect(sentenceOf(new TypeError('odd'))).toBe('odd');
    expect(sentenceOf('thrown text')).toBe('thrown text');
  });
});
