import type { Letter } from './letter.ts';

/** A letter where it lies. */
export interface Placed {
  readonly owner: string;
  readonly folder: string;
  readonly flags: readonly string[];
  readonly letter: Letter;
}
