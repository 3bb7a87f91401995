import type { Command } from '../client.ts';
import { ok } from '../replies.ts';

/** RFC 9051 6.1.1. */
export const capability: Command = {
  state: 'any',
  run(args, client) {
    args.end();
    client.out.text(`* CAPABILITY ${client.capabilities().join(' ')}\r\n`);
    return ok('That is all');
  },
};
