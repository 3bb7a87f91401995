/*
 * The header of a message: everything before the first empty line (RFC 5322 2.1).
 *
 * - An empty line at the very start: the header is empty, all else is body.
 * - No empty line at all: the whole message is header and there is no body (RFC 5322 3.5: the body is optional). A text without any header
 *   field is then a header of malformed lines; nothing guesses where a body might begin.
 * - A line that is no field (no colon, a blank in the name, a fold with nothing before it) is kept as it is, under the name ''.
 *
 * Text is latin1 throughout: one character is one byte, so what was not touched is written back exactly.
 */
import { isUtf8 } from 'node:buffer';
import { isAscii } from '@stopgap/core';
import { refusalOf } from './refusals.ts';

/** Ten times what long-travelled mail brings; more is an attack on whoever parses it. */
export const MAX_HEADER_BYTES = 256 * 1024;

export interface HeaderField {
  /** Lower case; '' for a line that is not a field. */
  readonly name: string;
  /** latin1: the exact bytes with folds and the last CRLF (which only the end of the message can lack). */
  readonly raw: string;
}

export interface SplitMessage {
  /** The header fields, with the CRLF of the last one. */
  readonly header: Buffer;
  /** What follows: begins with the empty line, or is empty. */
  readonly rest: Buffer;
}

const SEPARATOR = Buffer.from('\r\n\r\n');
const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;

/**
 * Where the empty line begins, which is the length of the header; -1: not in these bytes.
 * @param from bytes before it have been looked through already
 */
export function findHeaderEnd(bytes: Buffer, from = 0): number {
  if (bytes.length >= 2 && bytes[0] === 0x0d && bytes[1] === 0x0a) return 0;
  const at = bytes.indexOf(SEPARATOR, Math.max(0, from - SEPARATOR.length + 1));
  return at < 0 ? -1 : at + 2;
}

/** Cuts a whole message in two views of the same memory. Throws a MailError `header-too-long`. */
export function splitMessage(message: Buffer): SplitMessage {
  const end = findHeaderEnd(message);
  const length = end < 0 ? message.length : end;
  if (length > MAX_HEADER_BYTES) throw refusalOf('header-too-long');
  return { header: message.subarray(0, length), rest: message.subarray(length) };
}

/** Joined again, the `raw`s give the block byte for byte. Throws a MailError `header-too-long`. */
export function parseHeader(block: Buffer): HeaderField[] {
  if (block.length > MAX_HEADER_BYTES) throw refusalOf('header-too-long');
  const text = block.toString('latin1');
  const fields: HeaderField[] = [];
  for (let start = 0; start < text.length;) {
    let end = lineEnd(text, start);
    while (end < text.length && isBlank(text.charCodeAt(end))) end = lineEnd(text, end);
    const raw = text.slice(start, end);
    fields.push({ name: nameOf(raw), raw });
    start = end;
  }
  return fields;
}

/** The value in latin1, folds undone (RFC 5322 2.2.3) and trimmed. */
export function unfoldedValue(field: HeaderField): string {
  const { name, raw } = field;
  const value = raw.slice(name === '' ? 0 : raw.indexOf(':') + 1, raw.endsWith('\r\n') ? -2 : undefined);
  return (value.includes('\r\n') ? value.replaceAll('\r\n', '') : value).trim();
}

/** The value as the person wrote it, UTF-8 decoded (RFC 6532); undefined: it has bytes that are no UTF-8. */
export function utf8Value(field: HeaderField): string | undefined {
  const value = unfoldedValue(field);
  if (isAscii(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\r\n', from);
  return at < 0 ? text.length : at + 2;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** RFC 5322 2.2: printable ASCII without colon; 4.5.8: blanks before the colon are an old form that is still read. */
function nameOf(raw: string): string {
  let end = 0;
  for (let code = raw.charCodeAt(0); code > SPACE && code < 0x7f && code !== COLON; code = raw.charCodeAt(end)) end++;
  let colon = end;
  while (isBlank(raw.charCodeAt(colon))) colon++;
  return end > 0 && raw.charCodeAt(colon) === COLON ? raw.slice(0, end).toLowerCase() : '';
}
