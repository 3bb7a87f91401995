/** Names of fields whose value is never written, whatever it is. */
const SECRET_NAME = /pass(?:word|phrase)?$|secret|authorization|cookie|token|credential|^key$/i;
/** Deeper than any line of ours; bounds what a foreign object can cost. */
const DEEPEST = 6;

/** A copy in which secrets by name read `[secret]`. (A `Secret` writes that by itself, wherever it stands.) */
export function withoutSecrets(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) copy[name] = SECRET_NAME.test(name) ? '[secret]' : cleanValue(value, depth);
  return copy;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deep]';
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, depth + 1));
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? withoutSecrets({ ...value }, depth + 1) : value;
}
