import type { Command } from '../client.ts';
import { ok } from '../replies.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';

/** RFC 9051 6.3.7, 6.3.8. */
export const subscribe: Command = subscription(true);
export const unsubscribe: Command = subscription(false);

function subscription(isSubscribed: boolean): Command {
  return {
    state: 'authenticated',
    async run(args, client) {
      args.space();
      const name = readMailboxName(args.astring(), client.enabled.isUtf8);
      args.end();
      await client.session?.subscribe(name, isSubscribed);
      return ok('Done');
    },
  };
}
