import { MailError } from '@stopgap/core';

/** Names of fields whose value is never written, whatever it is. */
const SECRET_NAME = /pass(?:word|phrase)?$|secret|authorization|cookie|token|credential|^key$/i;
/** Deeper than any line of ours; bounds what a foreign object, or a chain of causes, can cost. */
const DEEPEST = 6;
/** A server's reply, a stack: what is longer is cut. */
const LONGEST_TEXT = 8192;

/** A copy that can be written: secrets by name read `[secret]`, errors become fields. (A `Secret` writes `[secret]` by itself, wherever it stands.) */
export function plainFields(fields: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) copy[name] = SECRET_NAME.test(name) ? '[secret]' : plainValue(value, depth);
  return copy;
}

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}...` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deep]';
  if (value instanceof Error) return described(value, depth + 1);
  if (Array.isArray(value)) return value.map((one) => plainValue(one, depth + 1));
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? plainFields(value, depth + 1) : value;
}

/** Message, code and causes; the stack only of what nobody expected. */
function described(error: Error, depth: number): Record<string, unknown> {
  const isExpected = error instanceof MailError && error.kind !== 'bug';
  return {
    name: error.name,
    text: plainValue(error.message, depth),
    ...('code' in error ? { code: error.code } : {}),
    ...(isExpected ? {} : { stack: plainValue(error.stack, depth) }),
    ...(error.cause === undefined ? {} : { cause: plainValue(error.cause, depth) }),
  };
}
