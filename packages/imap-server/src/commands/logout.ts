import type { Command } from '../client.ts';
import { byes, ok } from '../replies.ts';

/** RFC 9051 6.1.3. */
export const logout: Command = {
  state: 'any',
  run(args, client) {
    args.end();
    client.selected?.mailbox.close();
    client.selected = undefined;
    client.out.text(`* BYE ${byes.logout}\r\n`);
    return { ...ok('Good bye'), isLast: true };
  },
};
