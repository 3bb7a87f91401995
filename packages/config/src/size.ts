/** Decimal and binary, as the units are defined: 1 MB = 1000000 bytes, 1 MiB = 1048576. */
const UNIT_BYTES = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);

/** Bytes out of `52428800`, `50MB`, `50MiB`. Undefined: not a size. */
export function parseSize(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const unitBytes = UNIT_BYTES.get(unit.toLowerCase());
  if (amount === '' || unitBytes === undefined) return undefined;
  const bytes = Number(amount) * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
