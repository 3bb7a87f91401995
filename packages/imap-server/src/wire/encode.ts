/* Values as they stand in a response: latin1, one character one octet. Nothing that comes from outside gets onto a line by another way (row: response injection). */
import { flagToImap, type Flag } from '@stopgap/core';
import { writeMailboxName } from './mailbox-name.ts';

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const QUOTABLE = /^[\x20-\x7e]*$/;
/** What a quoted string may hold once UTF-8 is enabled (RFC 9051 9 QUOTED-CHAR); the octets are UTF-8 by then. */
const UTF8_QUOTABLE = /^[\x20-\x7e\x80-\xff]*$/;
/** Some clients read a line into a buffer; what is longer is a literal. */
const LONGEST_QUOTED = 2000;
const FLAG = /^\\?[\x21\x23\x24\x26\x27\x2b-\x5b\x5e-\x7a\x7c-\x7e]+$/;
/** 60 characters of base64, and 12 around them. */
const WORD_BYTES = 45;

export interface Encoding {
  /** UTF-8 may stand in quoted strings: ENABLE IMAP4rev2 or UTF8=ACCEPT. */
  readonly isUtf8: boolean;
}

/** Octets (latin1) as a string: quoted where it can be, else a literal. */
export function string(octets: string, isUtf8 = false): string {
  if (octets.length <= LONGEST_QUOTED) {
    if (PLAIN.test(octets)) return `"${octets}"`;
    if ((isUtf8 ? UTF8_QUOTABLE : QUOTABLE).test(octets)) return `"${octets.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  }
  // RFC 9051 9 CHAR8: no NUL in a literal.
  return `{${octets.length}}\r\n${octets.replaceAll('\0', '?')}`;
}

/** Text as a string of UTF-8 octets; undefined is NIL. */
export function textString(text: string | undefined, isUtf8 = false): string {
  if (text === undefined) return 'NIL';
  return isPlain(text) ? `"${text}"` : string(utf8Octets(text), isUtf8);
}

/** Text of a header field as a string that every client reads; undefined is NIL. */
export function headerString(text: string | undefined): string {
  if (text === undefined) return 'NIL';
  return isPlain(text) && !text.includes('=?') ? `"${text}"` : string(headerText(text));
}

/** As nearly all text is: it stands in quotes as it is, whatever the client has enabled. Looked at once, for thousands of them are made in one command. */
function isPlain(text: string): boolean {
  return text.length <= LONGEST_QUOTED && PLAIN.test(text);
}

/** Text that a header field held, as clients expect it: 7-bit, encoded words where needed (RFC 2047), which every client decodes. */
export function headerText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text;
  return encodedWords(text);
}

/** As UTF-8 octets, for what is no header text (PREVIEW, status texts). */
export function utf8Octets(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}

export function mailboxName(name: string, encoding: Encoding): string {
  return string(writeMailboxName(name, encoding.isUtf8), encoding.isUtf8);
}

/** `(\Seen one)`. A keyword that IMAP can not spell (mirrored from elsewhere) is left out. */
export function flagList(flags: readonly Flag[]): string {
  return `(${flags.map(flagToImap).filter(isFlagText).join(' ')})`;
}

export function isFlagText(text: string): boolean {
  return FLAG.test(text);
}

/** For the human part of a status response: one line of printable ASCII that can not be taken for a response code. */
export function statusText(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, '?').slice(0, 400);
  return plain.startsWith('[') ? `_${plain}` : plain || 'Done';
}

/** RFC 2047 2: 75 characters a word, whole characters in each. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let chunk: string[] = [];
  let sizeBytes = 0;
  const flush = (): void => {
    if (chunk.length > 0) words.push(`=?UTF-8?B?${Buffer.from(chunk.join('')).toString('base64')}?=`);
    chunk = [];
    sizeBytes = 0;
  };
  for (const character of text.toWellFormed()) {
    const bytes = Buffer.byteLength(character);
    if (sizeBytes + bytes > WORD_BYTES) flush();
    chunk.push(character);
    sizeBytes += bytes;
  }
  flush();
  return words.join(' ');
}
