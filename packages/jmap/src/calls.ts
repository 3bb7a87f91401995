import { z } from 'zod';
import { jmapError } from './errors.ts';

/** One method call of a request (RFC 8620 3.2), and what its answer must look like. */
export interface Call<T> {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The capabilities it needs beside core. */
  readonly using: readonly string[];
  readonly answer: z.ZodType<T>;
}

/** RFC 8620 3.7: an argument whose value is taken from an earlier call of the same request. The argument's name gets a `#` before it. */
export interface ResultReference {
  readonly resultOf: string;
  readonly name: string;
  readonly path: string;
}

/** Calls are numbered by their place in the request. */
export function callIdOf(index: number): string {
  return `c${index}`;
}

export function resultOf(index: number, name: string, path: string): ResultReference {
  return { resultOf: callIdOf(index), name, path };
}

export const invocationSchema = z.tuple([z.string(), z.record(z.string(), z.unknown()), z.string()]);
export type Invocation = Readonly<z.infer<typeof invocationSchema>>;

export const responseSchema = z.object({ methodResponses: z.array(invocationSchema), sessionState: z.string().optional() });

/** RFC 8620 3.6.2 */
export const methodErrorSchema = z.object({ type: z.string(), description: z.string().nullish() });
export type MethodError = Readonly<z.infer<typeof methodErrorSchema>>;

export type Answer<T> =
  /** `further`: what the server did by the way, under the same call id (RFC 8621 7.5: an implicit Email/set). */
  | { readonly kind: 'answered'; readonly value: T; readonly further: readonly Invocation[] }
  | { readonly kind: 'failed'; readonly error: MethodError };

export type Answers<Calls extends readonly Call<unknown>[]> = {
  readonly [Index in keyof Calls]: Calls[Index] extends Call<infer T> ? Answer<T> : never;
};

/** The value of an answer; a method's error is thrown, with code `method`. */
export function valueOf<T>(answer: Answer<T>): T {
  if (answer.kind === 'answered') return answer.value;
  const { type, description } = answer.error;
  const text = `The JMAP server refuses: ${type}${description === undefined || description === null ? '' : ` (${description})`}.`;
  const isTooMuch = type === 'rateLimit' || type === 'serverUnavailable';
  throw jmapError('method', text, { methodError: type, ...(isTooMuch ? { class: 'throttled' } : {}) });
}
