import { describe, expect, test } from 'vitest';
import { decodeName, encodeName, nameOf, pathOf } from './mailbox-name.ts';

const FLAT = { prefix: '', separator: '/' };
const COURIER = { prefix: 'INBOX.', separator: '.' };

describe('modified UTF-7 (RFC 3501 5.1.3)', () => {
  test.each([
    ['Entwürfe', 'Entw&APw-rfe'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['a & b', 'a &- b'],
    ['😀', '&2D3eAA-'],
    ['&-', '&--'],
    ['plain', 'plain'],
    ['a\tb', 'a&AAk-b'],
  ])('%s is %s', (text, name) => {
    expect(encodeName(text)).toBe(name);
    expect(decodeName(name)).toBe(text);
  });

  test('every character comes back', () => {
    for (let code = 1; code < 0x1_1000; code += 97) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const text = `a${String.fromCodePoint(code)}&-é`;
      expect(decodeName(encodeName(text))).toBe(text);
    }
  });

  test.each([
    ['&', '&'],
    ['a&b', 'a&b'],
    ['&AAA', '&AAA'],
    ['&A-', '&A-'],
    ['Sent&Trash', 'Sent&Trash'],
    [Buffer.from('Köln').toString('latin1'), 'Köln'],
    ['\xff\xfe', '\xff\xfe'],
  ])('%j, badly encoded, is shown as %j', (name, text) => {
    expect(decodeName(name)).toBe(text);
  });
});

describe('the path of a name', () => {
  test.each([
    ['inbox', FLAT, ['INBOX']],
    ['INBOX/Rechnungen', FLAT, ['INBOX', 'Rechnungen']],
    ['Inbox/x', FLAT, ['INBOX', 'x']],
    ['INBOX.Sent', COURIER, ['Sent']],
    ['INBOX.a.b', COURIER, ['a', 'b']],
    ['shared.x', COURIER, ['shared', 'x']],
    ['a/b', { prefix: '', separator: '.' }, ['a\u2215b']],
    ['a.b', { prefix: '', separator: undefined }, ['a.b']],
    ['/a//b/', FLAT, ['a', 'b']],
    ['x&AA0ACg-y', FLAT, ['x\ufffd\ufffdy']],
  ])('%s', (name, space, path) => {
    expect(pathOf(name, space)).toEqual(path);
  });

  test.each([
    [['INBOX'], FLAT],
    [['Projekte', 'Köln'], FLAT],
    [['Sent'], COURIER],
    [['a\u2215b'], { prefix: '', separator: '.' }],
  ])('%j is said, and read again', (path, space) => {
    expect(pathOf(nameOf(path, space), space)).toEqual(path);
  });

  test.each<readonly [string, readonly string[], { prefix: string; separator: string | undefined }]>([
    ['nothing', [], FLAT],
    ['an empty part', ['a', ''], FLAT],
    ['a line end', ['a\r\nb'], FLAT],
    ['a NUL', ['a\0b'], FLAT],
    ['a separator of the server', ['v1.2'], COURIER],
    ['a part below another where there is none below', ['a', 'b'], { prefix: '', separator: undefined }],
    ['a very long name', ['x'.repeat(2000)], FLAT],
  ])('%s can not be said', (_, path, space) => {
    expect(() => nameOf(path, space)).toThrow(expect.objectContaining({ code: 'name-refused', kind: 'permanent' }));
  });
});
