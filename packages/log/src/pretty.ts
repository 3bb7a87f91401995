/** Turns a JSON line into `12:00:00 info  delivered  id=... to=...`. What came over the network stays escaped: it is printed as JSON prints it. */
export function pretty(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = typeof time === 'string' ? time.slice(11, 19) : '';
  const rest = Object.entries(fields).map(([name, value]) => `${plain(name)}=${plain(value)}`);
  return `${[clock, String(level).padEnd(5), plain(message), ...rest].join(' ')}\n`;
}

function plain(value: unknown): string {
  const text =
    typeof value === 'string' && /^[\u0021-\u007e\u00a1-\u{10ffff} ]*$/u.test(value) && !value.includes('"')
      ? value
      : JSON.stringify(value);
  return text ?? '';
}
