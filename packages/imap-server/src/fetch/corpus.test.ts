/* ENVELOPE and BODYSTRUCTURE of hard messages, read back strictly: each string is what the digest holds, whatever the client has enabled. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf,
  type DigestAddressField,
  type DigestEnvelope,
  type DigestGroup,
  type DigestMailbox,
  type DigestPart,
} from '@stopgap/message';
import { describe, expect, test } from 'vitest';
import { headerText, utf8Octets } from '../wire/encode.ts';
import { bodyStructureText } from './body-structure.ts';
import { envelopeText } from './envelope.ts';

type Value = string | null | readonly Value[];

const CORPUS = join(import.meta.dirname, '../../../../tests/corpus');
const EIGHT_BIT_HEADER =
  'Subject: é\r\nFrom: Zoë <zoë@é.test>\r\nMessage-ID: <é@x>\r\nIn-Reply-To: <\u{1f600}@x>\r\nTo: "a\\"b" <"a\\"b"@x>, c\r\n\r\nx';
const MESSAGES: readonly (readonly [string, Buffer])[] = [
  ...readdirSync(CORPUS)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => [name, readFileSync(join(CORPUS, name))] as const),
  ['8-bit header', Buffer.from(EIGHT_BIT_HEADER)],
  ['8-bit header of a carried message', Buffer.from(`Content-Type: message/rfc822\r\n\r\n${EIGHT_BIT_HEADER}`)],
  ['subject that fits no line', Buffer.from(`Subject: ${'x'.repeat(3000)}\r\n\r\nx`)],
];

describe.each([false, true])('UTF-8 enabled: %s;', (isUtf8) => {
  test.each(MESSAGES)('%s', (_, bytes) => {
    const { envelope, structure } = digestOf(bytes);
    expect(read(envelopeText(envelope, isUtf8), isUtf8)).toEqual(envelopeValue(envelope));
    for (const isExtended of [false, true])
      expect(read(bodyStructureText(structure, { isUtf8, isExtended }), isUtf8)).toEqual(structureValue(structure, isExtended));
  });
});

/** Without UTF-8 a quoted string is ASCII (RFC 9051 9 QUOTED-CHAR). */
function read(text: string, isUtf8: boolean): Value {
  const quoted = isUtf8 ? /"((?:[^"\\\x00\r\n]|\\["\\])*)"/y : /"((?:[^"\\\x00\r\n\x80-\xff]|\\["\\])*)"/y;
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  const value = (): Value => {
    if (match(/\(/y)) {
      const all: Value[] = [];
      while (!match(/\)/y)) {
        // RFC 9051 9: what follows a list in a list of lists stands right behind it.
        if (all.length > 0 && !Array.isArray(all.at(-1))) expect(match(/ /y)).not.toBeNull();
        else match(/ /y);
        all.push(value());
      }
      return all;
    }
    const literal = match(/\{(\d+)\}\r\n/y);
    if (literal) return text.slice(at, (at += Number(literal[1])));
    const plain = match(quoted);
    if (plain) return (plain[1] ?? '').replaceAll(/\\(["\\])/g, '$1');
    const word = match(/NIL|\d+/y)?.[0];
    if (word === undefined) throw new Error(`nothing can be read at ${at} of ${JSON.stringify(text)}`);
    return word === 'NIL' ? null : word;
  };
  const all = value();
  expect(at).toBe(text.length);
  return all;
}

function octets(text: string | undefined): string | null {
  return text === undefined ? null : utf8Octets(text).replaceAll('\0', '?');
}

function header(text: string | undefined): string | null {
  return text === undefined ? null : headerText(text);
}

function envelopeValue(envelope: DigestEnvelope): Value {
  const { date, subject, inReplyTo, messageId } = envelope;
  const valueOf = (field: DigestAddressField): Value => mailboxesValue(envelope[field], envelope.groups?.[field] ?? []);
  const from = valueOf('from');
  const lists = [from, valueOf('sender') ?? from, valueOf('replyTo') ?? from, valueOf('to'), valueOf('cc'), valueOf('bcc')];
  const ids = [octets(inReplyTo.join(' ') || undefined), octets(messageId)];
  return [header(date), header(subject || undefined), ...lists, ...ids];
}

function mailboxesValue(mailboxes: readonly DigestMailbox[], groups: readonly DigestGroup[]): Value {
  const values: Value[] = mailboxes.map(({ name, address }) => {
    const [, local = address, host = ''] = /^(.*)@([^@]*)$/s.exec(address) ?? [];
    return [header(name || undefined), null, octets(local), octets(host)];
  });
  // From the last one on, so that the places of the earlier ones stay.
  for (const { name, start, end } of groups.toReversed()) {
    values.splice(end, 0, [null, null, null, null]);
    values.splice(start, 0, [null, null, header(name), null]);
  }
  return values.length === 0 ? null : values;
}

function structureValue(part: DigestPart, isExtended: boolean): Value {
  const { parts, message, disposition, language = [] } = part;
  const last: Value[] = [
    disposition === undefined ? null : [octets(disposition.type), parametersValue(disposition.parameters)],
    language.length === 0 ? null : language.map(octets),
    header(part.location),
  ];
  if (parts !== undefined) {
    const inner =
      parts.length === 0 ? [['text', 'plain', null, null, null, '7bit', '0', '0']] : parts.map((one) => structureValue(one, isExtended));
    return [...inner, octets(part.subtype), ...(isExtended ? [parametersValue(part.parameters), ...last] : [])];
  }
  return [
    octets(part.type),
    octets(part.subtype),
    parametersValue(part.parameters),
    header(part.id),
    header(part.description),
    octets(part.encoding),
    String(part.sizeBytes),
    ...(message === undefined ? [] : [envelopeValue(message.envelope), structureValue(message.structure, isExtended)]),
    ...(message !== undefined || part.type === 'text' ? [String(part.lines)] : []),
    ...(isExtended ? [header(part.md5), ...last] : []),
  ];
}

function parametersValue(parameters: Readonly<Record<string, string>>): Value {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    /[^\x20-\x7e]/.test(value) ? [octets(`${name}*`), `utf-8''${encodeURIComponent(value)}`] : [octets(name), value],
  );
  return pairs.length === 0 ? null : pairs;
}
