import { isAscii, isUtf8 } from 'node:buffer';

/** Names that mail uses and WHATWG's list (which Node knows by) lacks. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['koi8', 'koi8-r'],
  ['utf8mb4', 'utf-8'],
  ['utf-16', 'utf-16be'],
  ['unicode', 'utf-16le'],
  ['iso-8859-8-e', 'iso-8859-8'],
  ['x-mac-roman', 'macintosh'],
]);
const UTF7_NAMES: ReadonlySet<string> = new Set(['utf-7', 'utf7', 'unicode-1-1-utf-7', 'x-unicode-2-0-utf-7']);
/** In which a byte below 0x80 may be something else than ASCII: `ESC $ B`, two-byte units, `+AOQ-`. */
const NOT_ASCII_BELOW_0X80 = /^(?:utf-?7|unicode|x-unicode|utf-16|iso-2022|hz|csiso2022)/;

/**
 * Never throws. What says ASCII, nothing, or a charset that nobody knows is read as UTF-8 where it is that, else as windows-1252: what mail programs
 * that forget to name a charset write.
 */
export function decodeCharset(bytes: Buffer, charset: string | undefined): string {
  if (isPlainAscii(bytes, charset)) return bytes.toString('latin1');
  const name = nameOf(charset);
  if (UTF7_NAMES.has(name)) return decodeUtf7(bytes.toString('latin1'));
  const decoder = name === '' || name === 'us-ascii' || name === 'ascii' ? undefined : decoderOf(name);
  if (decoder?.encoding === 'utf-8') return withoutMark(bytes.toString('utf8'));
  if (decoder !== undefined) return decoder.decode(bytes);
  return isUtf8(bytes) ? withoutMark(bytes.toString('utf8')) : new TextDecoder('windows-1252').decode(bytes);
}

/** The octets are the text. */
export function isPlainAscii(bytes: Buffer, charset: string | undefined): boolean {
  return isAscii(bytes) && !NOT_ASCII_BELOW_0X80.test(nameOf(charset));
}

/** Or one of the names that say nothing. */
export function isKnownCharset(charset: string): boolean {
  const name = nameOf(charset);
  return name === '' || name === 'us-ascii' || name === 'ascii' || UTF7_NAMES.has(name) || decoderOf(name) !== undefined;
}

function nameOf(charset: string | undefined): string {
  return charset?.trim().toLowerCase() ?? '';
}

function decoderOf(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(OTHER_NAMES.get(name) ?? name);
  } catch {
    return undefined;
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** RFC 2152: `+` begins a run of base64 over UTF-16BE, which ends before the first other character; a `-` there is swallowed. `+-` is a plus. */
function decodeUtf7(text: string): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    const plus = text.indexOf('+', at);
    if (plus < 0) return (out + text.slice(at)).toWellFormed();
    let end = plus + 1;
    while (isBase64(text.charCodeAt(end))) end++;
    out += text.slice(at, plus) + (end === plus + 1 ? '+' : utf16(text.slice(plus + 1, end)));
    at = text.charAt(end) === '-' ? end + 1 : end;
  }
  return out.toWellFormed();
}

function utf16(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
}

function isBase64(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x2f && code <= 0x39) || code === 0x2b;
}
