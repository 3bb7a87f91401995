import type { Command } from '../client.ts';
import { ok } from '../replies.ts';
import { mailboxName } from '../wire/encode.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import { listLine } from './list.ts';

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
    if (isRev2 && from !== 'INBOX') client.out.text(await listLine(client, to, ` ("OLDNAME" (${mailboxName(from, client.enabled)}))`));
    return ok('Renamed');
  },
};
