import type { Command } from '../client.ts';
import { ok } from '../replies.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';

/** RFC 9051 6.3.5. Who else has it open loses its connection; this one goes on, with no mailbox open. */
export const deleteMailbox: Command = {
  state: 'authenticated',
  async run(args, client) {
    args.space();
    const name = readMailboxName(args.astring(), client.enabled.isUtf8);
    args.end();
    // By its id: it may have had another name when it was opened.
    const status = await client.session?.status(name);
    await client.session?.delete(name);
    if (client.selected && client.selected.mailbox.mailboxId === status?.mailboxId) {
      // RFC 9051 6.3.5 lets the server choose; a client that deletes what it has open wants to go on.
      client.selected.mailbox.close();
      client.selected = undefined;
      // As SELECT says it: nothing else would tell.
      client.out.text('* OK [CLOSED] Closed\r\n');
    }
    return ok('Deleted');
  },
};
