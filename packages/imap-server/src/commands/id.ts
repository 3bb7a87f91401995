import type { Command } from '../client.ts';
import { ok } from '../replies.ts';
import { SyntaxFault } from '../wire/faults.ts';

/** RFC 2971 3.3. */
const MOST_FIELDS = 30;

/** RFC 2971. What the client says about itself is read and forgotten; of ours the version would help attackers alone. */
export const id: Command = {
  state: 'any',
  provides: ['ID'],
  run(args, client) {
    args.space();
    if (!args.acceptWord('NIL')) {
      const values = args.list(() => args.nstring());
      if (values.length > MOST_FIELDS * 2) throw new SyntaxFault('Too many fields');
    }
    args.end();
    client.out.text('* ID ("name" "Stopgap")\r\n');
    return ok('Done');
  },
};
