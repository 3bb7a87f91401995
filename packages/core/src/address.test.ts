import { describe, expect, test } from 'vitest';
import { accountIdOf, formatAddress, parseAddress } from './address.ts';

describe('parseAddress', () => {
  test.each([
    ['anna@example.org', 'anna', 'example.org'],
    ['Anna.Berg+tag@EXAMPLE.org', 'Anna.Berg+tag', 'example.org'],
    ["o'neil&co@a-b.example", "o'neil&co", 'a-b.example'],
    ['jörg@müller.example', 'jörg', 'müller.example'],
    ['root@[127.0.0.1]', 'root', '[127.0.0.1]'],
  ])('reads %s', (text, localPart, domain) => {
    expect(parseAddress(text)).toEqual({ localPart, domain });
  });

  test.each([
    ['nothing', ''],
    ['no at sign', 'anna'],
    ['no local part', '@example.org'],
    ['no domain', 'anna@'],
    ['a percent hack', 'victim%far.test@example.org'],
    ['a bang path', 'far!victim@example.org'],
    ['a source route', '@a.test,@b.test:victim@example.org'],
    ['two at signs', 'victim@far.test@example.org'],
    ['a quoted local part', '"victim@far.test"@example.org'],
    ['a blank', 'an na@example.org'],
    ['CR and LF', 'anna\r\nRCPT TO:<x@y.test>@example.org'],
    ['NUL', 'anna\0@example.org'],
    ['a dot at the end of the local part', 'anna.@example.org'],
    ['two dots in a row', 'an..na@example.org'],
    ['an empty label', 'anna@example..org'],
    ['a label that ends with a hyphen', 'anna@example-.org'],
    ['brackets', '<anna@example.org>'],
    ['shell characters', ';sleep 5;@example.org'],
    ['a local part of 65 octets', `${'a'.repeat(65)}@example.org`],
    ['more than 254 octets', `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}.org`],
  ])('refuses %s', (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('takes linear time for whatever is long', () => {
    expect(parseAddress(`${'a.'.repeat(100_000)}@${'b.'.repeat(100_000)}`)).toBeUndefined();
  });
});

test('an account is found whatever the case, an address keeps that of its local part', () => {
  const address = parseAddress('Anna@Example.ORG');
  expect(address && formatAddress(address)).toBe('Anna@example.org');
  expect(address && accountIdOf(address)).toBe('anna@example.org');
});
