/*
 * iCalendar (RFC 5545) as lines and components. Anybody may have sent it: what is malformed is left out, and everything has a bound.
 */
const LONGEST_TEXT = 512 * 1024;
const MOST_LINES = 10_000;
const LONGEST_VALUE = 20_000;
const DEEPEST = 8;

/** RFC 5545 3.1 */
export interface ContentLine {
  readonly name: string;
  /** Names in capitals; of several values the first. */
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
}

export interface Component {
  readonly name: string;
  readonly lines: readonly ContentLine[];
  readonly parts: readonly Component[];
}

/** What stands in the outermost VCALENDAR; undefined: there is none. */
export function readCalendar(text: string): Component | undefined {
  const unfolded = text.slice(0, LONGEST_TEXT).replaceAll(/\r?\n[ \t]/g, '');
  const root: Building = { name: '', lines: [], parts: [] };
  const open: Building[] = [root];
  for (const raw of unfolded.split(/\r\n|\n|\r/, MOST_LINES)) {
    const line = contentLineOf(raw);
    if (line === undefined) continue;
    const inner = open.at(-1) ?? root;
    if (line.name === 'BEGIN') {
      const begun: Building = { name: line.value.trim().toUpperCase(), lines: [], parts: [] };
      if (open.length <= DEEPEST) inner.parts.push(begun);
      open.push(begun);
    } else if (line.name === 'END') {
      if (open.length > 1) open.pop();
    } else inner.lines.push(line);
  }
  return root.parts.find(({ name }) => name === 'VCALENDAR');
}

interface Building {
  readonly name: string;
  readonly lines: ContentLine[];
  readonly parts: Building[];
}

const NAME = /^([A-Za-z0-9-]{1,60})(?=[;:])/;
const PARAM = /;([A-Za-z0-9-]{1,60})=("[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*/y;

function contentLineOf(raw: string): ContentLine | undefined {
  const name = NAME.exec(raw)?.[1];
  if (name === undefined) return undefined;
  const params = new Map<string, string>();
  let at = name.length;
  for (;;) {
    PARAM.lastIndex = at;
    const found = PARAM.exec(raw);
    if (found === null) break;
    // RFC 6868
    const value = (found[2] ?? '').replaceAll('"', '').replaceAll('^n', '\n').replaceAll("^'", '"').replaceAll('^^', '^');
    params.set((found[1] ?? '').toUpperCase(), value);
    at = PARAM.lastIndex;
  }
  if (raw[at] !== ':') return undefined;
  return { name: name.toUpperCase(), params, value: raw.slice(at + 1, at + 1 + LONGEST_VALUE) };
}

/** RFC 5545 3.3.11 */
export function textValue(value: string): string {
  return value.replaceAll(/\\([nN,;\\:"])/g, (_, char: string) => (char === 'n' || char === 'N' ? '\n' : char));
}

export function lineOf({ lines }: Component, name: string): ContentLine | undefined {
  return lines.find((line) => line.name === name);
}
