/* Header fields that we write ourselves, each with its line end. Values come from people: none of them can end its line (law 6). */
import { isAscii } from '@stopgap/core';
import type { DigestMailbox } from './digest-types.ts';

/** RFC 5322 2.1.1. */
const LINE_CHARS = 76;
/** A word that could not be broken must still fit a line of 998 octets. */
const LONGEST_WORD = 900;
/** RFC 2047 2: 75 characters with `=?utf-8?b?` and `?=`; base64 makes four of three. */
const WORD_OCTETS = 45;
const CONTROL = /[\x00-\x1f\x7f]/g;
/** RFC 5322 atext and the blank between two atoms. */
const PHRASE = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*$/;

/** Unstructured (RFC 5322 3.2.5), in encoded words where it must. */
export function textField(name: string, text: string): string {
  return folded(name, wordsOf(clean(text)));
}

export interface AddressGroup {
  /** Null: these stand for themselves. */
  readonly name: string | null;
  readonly addresses: readonly DigestMailbox[];
}

export function addressField(name: string, groups: readonly AddressGroup[]): string {
  const items = groups.flatMap((group) => {
    const mailboxes = group.addresses.map(mailboxWords);
    return group.name === null ? mailboxes : [[...phraseWords(group.name), ':'], ...mailboxes, [';']];
  });
  const words = items.flatMap((item, index) => {
    const next = items[index + 1]?.[0];
    const endsItem = index === items.length - 1 || item.at(-1) === ':' || next === ';';
    return endsItem ? item : [...item.slice(0, -1), `${item.at(-1) ?? ''},`];
  });
  return folded(name, words);
}

/** @param ids without their angle brackets */
export function messageIdField(name: string, ids: readonly string[]): string {
  return folded(
    name,
    ids.map((id) => `<${clean(id).replaceAll(/[\s<>]/g, '')}>`),
  );
}

/** `value; name=parameter`, RFC 2231 where a parameter is no ASCII. */
export function parameterField(name: string, value: string, parameters: Readonly<Record<string, string>>): string {
  const words = Object.entries(parameters).map(([key, text]) => parameter(key, clean(text)));
  return folded(
    name,
    [value, ...words].map((word, index, all) => (index < all.length - 1 ? `${word};` : word)),
  );
}

/** As it is, but for what would end the line; folds stay. */
export function rawField(name: string, value: string): string {
  const lines = value.replaceAll(/\r\n|\r|\n/g, '\n').replaceAll(/\n(?![ \t])/g, ' ');
  return `${name}: ${lines
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '')
    .trim()
    .replaceAll('\n', '\r\n')}\r\n`;
}

function mailboxWords({ name, address }: DigestMailbox): string[] {
  const spec = clean(address).replaceAll(/[\s<>]/g, '');
  return name === '' ? [spec] : [...phraseWords(name), `<${spec}>`];
}

function phraseWords(text: string): string[] {
  const name = clean(text).trim();
  if (!isAscii(name) || name.includes('=?') || name.length > LONGEST_WORD) return encodedWords(name);
  return PHRASE.test(name) ? name.split(' ').filter((word) => word !== '') : [`"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`];
}

function wordsOf(text: string): string[] {
  const words = text.split(' ');
  return isAscii(text) && !text.includes('=?') && words.every((word) => word.length <= LONGEST_WORD) ? words : encodedWords(text);
}

function encodedWords(text: string): string[] {
  const words: string[] = [];
  let piece = '';
  for (const char of text.toWellFormed()) {
    if (Buffer.byteLength(piece + char) > WORD_OCTETS) {
      words.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...words, piece].map((word) => `=?utf-8?b?${Buffer.from(word).toString('base64')}?=`);
}

function parameter(key: string, text: string): string {
  // Programs decode what looks encoded, though it should stay as it is there (RFC 2047 5).
  if (isAscii(text) && !text.includes('=?')) return `${key}="${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const encoded = encodeURIComponent(text.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${key}*=utf-8''${encoded}`;
}

/** One blank between words, or a line end and a blank (RFC 5322 2.2.3). */
function folded(name: string, words: readonly string[]): string {
  let text = `${name}:`;
  let line = text.length;
  for (const word of words) {
    const isFirst = text.endsWith(':') && line === text.length;
    // What is nothing but blanks must not make a line of its own.
    const breaks = !isFirst && word !== '' && line + 1 + word.length > LINE_CHARS;
    text += `${breaks ? '\r\n ' : ' '}${word}`;
    line = breaks ? 1 + word.length : line + 1 + word.length;
  }
  return `${text}\r\n`;
}

function clean(text: string): string {
  return text.replaceAll(CONTROL, ' ');
}
