/*
 * Reads a QR code as a camera's program does (ISO/IEC 18004), with nothing of the library that draws ours: the two copies of the format, the mask, the
 * codewords and their check symbols. Versions 1 to 5 at level L, which are one block; bytes alone.
 */
import type { Locator } from 'playwright-core';

/** Modules of white around it. */
const QUIET = 4;
const FORMAT_MASK = 0x5412;
const LEVEL_L = 1;
/** Of one block, by version. */
const CHECK_SYMBOLS: readonly (number | undefined)[] = [undefined, 7, 10, 15, 20, 26];
const BYTES = 4;
/** x^8 + x^4 + x^3 + x^2 + 1 */
const FIELD = 0x11d;

const MASKS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** As much of an SVG element as is asked of it; the dark modules are its last. */
interface Drawing {
  readonly viewBox: { readonly baseVal: { readonly width: number } };
  readonly lastElementChild: { isPointInFill(point: { readonly x: number; readonly y: number }): boolean };
}

/** What a code on the page says; the code must be seen. Rejects where it is none, or has no quiet zone. */
export async function readQrCode(code: Locator): Promise<string> {
  const drawn = await code.evaluate((svg) => {
    const { viewBox, lastElementChild: dark } = svg as unknown as Drawing;
    const places = Array.from({ length: viewBox.baseVal.width }, (_, place) => place + 0.5);
    return places.map((y) => places.map((x) => dark.isPointInFill({ x, y })));
  });
  const { length } = drawn;
  const isQuiet = (place: number): boolean => place < QUIET || place >= length - QUIET;
  if (drawn.some((row, y) => row.some((isDark, x) => isDark && (isQuiet(x) || isQuiet(y))))) throw new Error('the quiet zone is not quiet');
  return textOf(drawn.slice(QUIET, -QUIET).map((row) => row.slice(QUIET, -QUIET)));
}

type Modules = readonly (readonly boolean[])[];

function textOf(modules: Modules): string {
  const version = (modules.length - 17) / 4;
  const checkSymbols = CHECK_SYMBOLS[version];
  if (checkSymbols === undefined) throw new Error(`${modules.length} modules wide: not of the versions that are read here`);
  const codewords = codewordsOf(modules, MASKS[maskOf(modules)] ?? (() => 1));
  for (let root = 0; root < checkSymbols; root++) if (syndrome(codewords, root) !== 0) throw new Error('its check symbols do not fit');
  const bits = codewords.map((codeword) => codeword.toString(2).padStart(8, '0')).join('');
  if (Number.parseInt(bits.slice(0, 4), 2) !== BYTES) throw new Error('it does not begin with bytes');
  const count = Number.parseInt(bits.slice(4, 12), 2);
  return Buffer.from(Array.from({ length: count }, (_, at) => Number.parseInt(bits.slice(12 + at * 8, 20 + at * 8), 2))).toString();
}

function maskOf(modules: Modules): number {
  const size = modules.length;
  const bit = (x: number, y: number): number => (modules[y]?.[x] === true ? 1 : 0);
  const inCorner = (at: number): number => (at < 6 ? bit(8, at) : at < 8 ? bit(8, at + 1) : at === 8 ? bit(7, 8) : bit(14 - at, 8));
  const atEdges = (at: number): number => (at < 8 ? bit(size - 1 - at, 8) : bit(8, size - 15 + at));
  const [one, other] = [inCorner, atEdges].map((read) => Array.from({ length: 15 }, (_, at) => read(at) << at).reduce((a, b) => a | b));
  if (one === undefined || one !== other) throw new Error('its two formats differ');
  const format = (one ^ FORMAT_MASK) >> 10;
  if (format >> 3 !== LEVEL_L) throw new Error('not of the level that is read here');
  return format & 7;
}

/** From the lower right corner, up and down by columns of two. */
function codewordsOf(modules: Modules, mask: (x: number, y: number) => number): readonly number[] {
  const size = modules.length;
  const codewords: number[] = [];
  let bits = '';
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size * 2; step++) {
      const x = right - (step % 2);
      const across = Math.floor(step / 2);
      const y = ((right + 1) & 2) === 0 ? size - 1 - across : across;
      if (isPattern(x, y, size)) continue;
      bits += (modules[y]?.[x] === true) === (mask(x, y) === 0) ? '0' : '1';
      if (bits.length < 8) continue;
      codewords.push(Number.parseInt(bits, 2));
      bits = '';
    }
  }
  return codewords;
}

/** Finders with the formats beside them, timing, and from version 2 on the one alignment. */
function isPattern(x: number, y: number, size: number): boolean {
  const isFinder = (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8);
  const isAlignment = size > 21 && Math.abs(x - (size - 7)) <= 2 && Math.abs(y - (size - 7)) <= 2;
  return isFinder || isAlignment || x === 6 || y === 6;
}

/** Of the block's polynomial at the root 2^n: zero in a whole block (Horner). */
function syndrome(codewords: readonly number[], root: number): number {
  let power = 1;
  for (let times = 0; times < root; times++) power = product(power, 2);
  return codewords.reduce((sum, codeword) => product(sum, power) ^ codeword, 0);
}

function product(one: number, other: number): number {
  let result = 0;
  for (let bit = 7; bit >= 0; bit--) {
    result = (result << 1) ^ ((result >> 7) * FIELD);
    if (((other >> bit) & 1) === 1) result ^= one;
  }
  return result;
}
