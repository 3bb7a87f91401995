import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMailboxName, encodeMailboxName, mailboxNameOf, mailboxPathOf } from './mailbox-name.ts';

describe('modified UTF-7', () => {
  test.for<[string, string]>([
    ['INBOX', 'INBOX'],
    ['Entw&APw-rfe', 'Entwürfe'],
    ['&U,BTFw-', '台北'],
    ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'],
    ['Tom &- Jerry', 'Tom & Jerry'],
    ['&2D3eAA-', '\u{1f600}'],
  ])('%s is %s, and back', ([name, text]) => {
    expect(decodeMailboxName(name)).toBe(text);
    expect(encodeMailboxName(text)).toBe(name);
  });

  test.for(['AT&T', '&!!-', '&AA-', 'Entwürfe', '&'])('%s was never encoded and stays', (name) => {
    expect(decodeMailboxName(name)).toBe(name);
  });

  test('every text comes back', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        expect(decodeMailboxName(encodeMailboxName(text))).toBe(text);
      }),
    );
  });
});

describe('the parts of a name', () => {
  test.for<[string, string, string[]]>([
    ['Inbox', '/', ['INBOX']],
    ['INBOX.Entw&APw-rfe', '.', ['INBOX', 'Entwürfe']],
    ['Projekte/K&APY-ln', '/', ['Projekte', 'Köln']],
    ['a/b.c', '.', ['a\u2215b', 'c']],
    ['flat.name', '', ['flat.name']],
    ['a//b', '/', ['a', '_', 'b']],
  ])('%s divided by "%s" is %j', ([name, delimiter, path]) => {
    expect(mailboxPathOf(name, delimiter)).toEqual(path);
  });

  test.for<[string[], string, string | undefined]>([
    [['Projekte', 'Köln'], '.', 'Projekte.K&APY-ln'],
    [['a\u2215b', 'c'], '.', 'a/b.c'],
    [['v1.0'], '.', undefined],
    [['a', 'b'], '', undefined],
    [[], '/', undefined],
    [[''], '/', undefined],
  ])('%j divided by "%s" is %s', ([path, delimiter, name]) => {
    expect(mailboxNameOf(path, delimiter)).toBe(name);
  });
});
