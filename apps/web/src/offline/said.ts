import { HttpFailure, MethodFailure } from '../api/failures.ts';

/** What the relay said instead of taking something: `type` tells a program (RFC 8620 3.6.2, 5.3, or `http-429`), `detail` people who read English. */
export interface Said {
  readonly type: string;
  readonly detail: string;
}

/** Undefined: nothing. */
export function saidBy(error: unknown): Said | undefined {
  if (error instanceof MethodFailure) return { type: error.type, detail: error.detail };
  return error instanceof HttpFailure ? { type: `http-${error.status}`, detail: error.detail } : undefined;
}

export function isSame(one: Said | undefined, other: Said | undefined): boolean {
  return one?.type === other?.type && one?.detail === other?.detail;
}
