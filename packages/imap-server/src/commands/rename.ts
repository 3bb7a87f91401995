import type { Command } from '../client.ts';
import { ok } from '../replies.ts';
import { mailboxName } from '../wire/encode.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';

/** RFC 9051 6.3.6. */
export const rename: Command = {
  state: 'authenticated',
  async run(args, client) {
    const { isUtf8, isRev2 } = client.enabled;
    args.space();
    const from = readMailboxName(args.astring(), isUtf8);
    args.space();
    const to = readMailboxName(args.astring(), isUtf8).replace(/\/$/, '');
    args.end();
    await client.session?.rename(from, to);
    // Of INBOX there is no older name: it is still there.
    if (isRev2 && from !== 'INBOX')
      client.out.text(`* LIST () "/" ${mailboxName(to, client.enabled)} ("OLDNAME" (${mailboxName(from, client.enabled)}))\r\n`);
    return ok('Renamed');
  },
};
