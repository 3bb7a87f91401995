import { MailError } from '@stopgap/core';

/** A place in the file: `['providers', 0, 'name']`. */
export type KeyPath = readonly (string | number)[];

export interface Problem {
  readonly path: KeyPath;
  /** What is wrong and what to do, without the key's name. */
  readonly text: string;
}

/** The configuration can not be used. `problems` holds one sentence each; the message joins them, one a line. */
export class ConfigError extends MailError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('permanent', problems.join('\n'), { code: 'config' });
    this.problems = problems;
  }
}

/** `providers[0].outgoing[1].port` */
export function formatKeyPath(path: KeyPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
