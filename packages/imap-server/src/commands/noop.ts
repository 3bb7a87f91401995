import type { Command } from '../client.ts';
import { ok } from '../replies.ts';

/** RFC 9051 6.1.2, and CHECK (RFC 3501 6.4.1): everything is on disk already. What is new is told after every command. */
export const noop: Command = {
  state: 'any',
  run(args) {
    args.end();
    return ok('Done');
  },
};

export const check: Command = { ...noop, state: 'selected' };
