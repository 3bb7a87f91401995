import type { KeyPath, Problem } from './problem.ts';

/** What the checks beyond the schema find: problems stop the start, warnings do not. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  problem(path: KeyPath, text: string): void {
    this.problems.push({ path, text });
  }

  warning(path: KeyPath, text: string): void {
    this.warnings.push({ path, text });
  }
}
