import type { Command } from '../client.ts';
import { ok } from '../replies.ts';

/** RFC 9051 6.3.10: everything is one's own. */
export const namespace: Command = {
  state: 'authenticated',
  provides: ['NAMESPACE'],
  run(args, client) {
    args.end();
    client.out.text('* NAMESPACE (("" "/")) NIL NIL\r\n');
    return ok('Done');
  },
};
