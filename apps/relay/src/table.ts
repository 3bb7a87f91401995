/** Below this a wrapped last column is harder to read than a line that the terminal breaks. */
const NARROWEST_LAST = 24;
const GAP = '  ';

/** A table for people: columns as wide as their widest cell; the last one is wrapped to `width` where that is known. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined = process.stdout.columns,
): string {
  const all = [head, ...rows].map((row) => head.map((_, column) => printable(row[column] ?? '')));
  const last = head.length - 1;
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const indent = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  const room = width === undefined || width - indent < NARROWEST_LAST ? Infinity : width - indent;
  return all
    .flatMap((row) => {
      const start = row.slice(0, last).map((cell, column) => cell.padEnd(widths[column] ?? 0) + GAP);
      return wrapped(row[last] ?? '', room).map((line, index) => (index === 0 ? start.join('') : ' '.repeat(indent)) + line);
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

/** What came over the network must neither move the cursor nor turn the direction of what follows. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** `1 recipient`, `2 recipients` */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const end = space > 0 ? space : room;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
