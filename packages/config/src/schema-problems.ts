import type { z } from 'zod';
import { nearestWord } from './near-miss.ts';
import type { KeyPath, Problem } from './problem.ts';
import { fileSchema } from './schema.ts';
import { namesAt } from './schema-walk.ts';

/** Kinds of path that exist, but for the other direction only. */
const OTHER_DIRECTION = new Map([
  ['smarthost', 'outgoing'],
  ['smtp', 'outgoing'],
  ['imap', 'incoming'],
  ['pop3', 'incoming'],
]);

/** What the schema found wrong, in sentences. `content` is what it looked at. */
export function problemsOf(error: z.ZodError, content: unknown): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((name) => ({ path: [...path, name], text: unknownKey(name, path, content) }));
    if (issue.code === 'invalid_union')
      return [{ path, text: unknownKind(valueAt(content, path), path, 'options' in issue ? (issue.options as string[]) : []) }];
    if (issue.code === 'invalid_type') return [{ path, text: wrongShape(issue.expected, valueAt(content, path)) }];
    return [{ path, text: issue.message }];
  });
}

function unknownKey(name: string, path: KeyPath, content: unknown): string {
  const known = namesAt(fileSchema, path);
  const kind = valueAt(content, [...path, 'kind']);
  const elsewhere = known.filter((key) => key.name === name && key.kind !== undefined && key.kind !== kind);
  if (elsewhere.length > 0) {
    return `does not go with kind ${String(kind)}; it belongs to ${elsewhere.map((key) => key.kind).join(', ')}`;
  }
  const names = [...new Set(known.filter((key) => key.kind === undefined || key.kind === kind).map((key) => key.name))];
  const meant = nearestWord(name, names);
  return meant === undefined ? `is not a known key; known here: ${names.join(', ')}` : `is not a known key; did you mean ${meant}?`;
}

function unknownKind(given: unknown, path: KeyPath, kinds: readonly string[]): string {
  const list = kinds.join(', ');
  if (given === undefined) return `is missing; it must be one of ${list}`;
  const direction = typeof given === 'string' ? OTHER_DIRECTION.get(given) : undefined;
  if (typeof given === 'string' && direction !== undefined && !path.includes(direction))
    return `${given} belongs under ${direction}; here it must be one of ${list}`;
  const meant = typeof given === 'string' ? nearestWord(given, kinds) : undefined;
  return `must be one of ${list}, is ${JSON.stringify(given)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function wrongShape(expected: string, given: unknown): string {
  const wanted = expected === 'array' ? 'a list' : expected === 'object' ? 'keys with values below it' : `a ${expected}`;
  const got =
    given === undefined
      ? 'missing'
      : given === null
        ? 'empty'
        : Array.isArray(given)
          ? 'a list'
          : typeof given === 'object'
            ? 'keys with values'
            : `a ${typeof given}`;
  return `must be ${wanted}, is ${got}`;
}

function valueAt(content: unknown, path: KeyPath): unknown {
  let value = content;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
