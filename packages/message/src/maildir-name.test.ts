import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maildirFile, maildirFolder, modifiedUtf7 } from './maildir-name.ts';

describe('folder', () => {
  test.each([
    [['INBOX'], ''],
    [['inbox'], ''],
    [['Sent'], '.Sent'],
    [['Projekte', 'Köln'], '.Projekte.K&APY-ln'],
    [['INBOX', 'Below'], '.INBOX.Below'],
    [['A&B'], '.A&-B'],
    [['台北'], '.&U,BTFw-'],
    [['v1.2'], '.v1_2'],
    [['..'], '.__'],
    [['..', '..', 'etc'], '.__.__.etc'],
    [['a/b'], '.a_b'],
    [['\0\n'], '.&AAAACg-'],
    [[''], '._'],
    [['\ud800'], '.&,,0-'],
  ])('%j', (path, folder) => {
    expect(maildirFolder(path)).toBe(folder);
  });

  test('long names that begin alike stay two, and fit a file system', () => {
    const one = maildirFolder(['ü'.repeat(500), 'a']);
    const other = maildirFolder(['ü'.repeat(500), 'b']);
    expect(one).not.toBe(other);
    expect(one.length).toBeLessThanOrEqual(200);
  });

  test('two mailboxes never share a folder', () => {
    const taken = new Set(['.a_b']);
    expect(maildirFolder(['a.b'], taken)).toMatch(/^\.a_b-[0-9a-f]{8}$/);
    expect(maildirFolder(['A_B'], taken)).not.toBe(maildirFolder(['a.b'], taken));
  });

  test('no name leaves its directory', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '.', '/', '\\', 'cur', 'new', 'tmp', '~', '%', 'x'.repeat(300)),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (path) => {
        const folder = maildirFolder(path);
        expect(folder).toMatch(/^$|^\.[\x20-\x2d\x30-\x7e][\x20-\x2e\x30-\x7e]*$/);
        expect(folder.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 2000 },
    );
  });
});

test('modified UTF-7 is that of RFC 3501', () => {
  expect(modifiedUtf7('~peter/mail/台北/日本語')).toBe('~peter/mail/&U,BTFw-/&ZeVnLIqe-');
});

describe('file', () => {
  const message = { id: 7, receivedAtMs: 1_795_425_072_345, sizeBytes: 120, flags: [] };

  test('has time, id and size, and the flags in their order', () => {
    expect(maildirFile(message, [])).toBe('1795425072.M7.stopgap,S=120:2,');
    expect(maildirFile({ ...message, flags: ['$seen', '$flagged', '$answered'] }, [])).toBe('1795425072.M7.stopgap,S=120:2,FRS');
    expect(maildirFile({ ...message, flags: ['$deleted', '$draft', '$forwarded', 'work'] }, ['home', 'work'])).toBe(
      '1795425072.M7.stopgap,S=120:2,DPTb',
    );
  });

  test('a keyword beyond the letters is left out', () => {
    const keywords = Array.from({ length: 27 }, (_, n) => `k${n}`);
    expect(maildirFile({ ...message, flags: ['k25', 'k26'] }, keywords)).toBe('1795425072.M7.stopgap,S=120:2,z');
  });
});
