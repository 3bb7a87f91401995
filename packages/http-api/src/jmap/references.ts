import { resultReferenceSchema } from '@stopgap/jmap';
import { MOST_REFERENCED_CHARACTERS } from './limits.ts';
import { MethodError } from './method-error.ts';
import type { Json } from './method.ts';

/** An answer that later calls of the request may refer to, or an error, which nobody can refer to. */
export interface EarlierAnswer {
  readonly name: string;
  readonly value: Json;
  readonly callId: string;
  /** As JSON. */
  readonly characters: number;
}

/** RFC 8620 3.7: arguments whose names begin with `#` are replaced by what they refer to. @throws MethodError invalidArguments, invalidResultReference */
export function resolveReferences(args: Json, earlier: readonly EarlierAnswer[]): Json {
  if (!Object.keys(args).some((name) => name.startsWith('#'))) return args;
  const resolved: [string, unknown][] = [];
  let characters = 0;
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved.push([name, value]);
      continue;
    }
    const plain = name.slice(1);
    if (Object.hasOwn(args, plain)) throw new MethodError('invalidArguments', `${plain} is there with and without #.`);
    const reference = resultReferenceSchema.safeParse(value);
    if (!reference.success) throw new MethodError('invalidResultReference', `${name} is no reference.`);
    const { resultOf, name: method, path } = reference.data;
    const answer = earlier.find((one) => one.callId === resultOf);
    if (answer === undefined || answer.name !== method || answer.name === 'error')
      throw new MethodError('invalidResultReference', `There is no ${method} of ${resultOf}.`);
    characters += answer.characters;
    // Each answer could refer to the one before several times: what doubles with each call is stopped here.
    if (characters > MOST_REFERENCED_CHARACTERS) throw new MethodError('requestTooLarge', 'The references bring too much.');
    resolved.push([plain, valueAt(answer.value, path)]);
  }
  return Object.fromEntries(resolved);
}

/** RFC 6901 with RFC 8620 3.7's `*`: each item of an array, arrays among the results joined. */
function valueAt(value: unknown, path: string): unknown {
  if (path !== '' && !path.startsWith('/')) throw new MethodError('invalidResultReference', 'The path does not begin with /.');
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return follow(value, steps, path);
}

function follow(value: unknown, steps: readonly string[], path: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    if (step === '*') {
      return value.flatMap((item: unknown) => follow(item, rest, path));
    }
    if (/^(?:0|[1-9]\d{0,8})$/.test(step) && Number(step) < value.length) return follow(value[Number(step)], rest, path);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) {
    return follow((value as Json)[step], rest, path);
  }
  throw new MethodError('invalidResultReference', `Nothing is at ${path.slice(0, 100)}.`);
}
