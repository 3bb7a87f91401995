import type { Command } from '../client.ts';
import { listMatcher } from '../list-pattern.ts';
import { ok } from '../replies.ts';
import type { ListedMailbox } from '../session.ts';
import { mailboxName } from '../wire/encode.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import { namesAbove, nodesOf } from './list.ts';

/** RFC 3501 6.3.9. A parent that is not subscribed is told as `\Noselect` when something subscribed is below it and the pattern can not reach that. */
export const lsub: Command = {
  state: 'authenticated',
  async run(args, client) {
    const { isUtf8 } = client.enabled;
    args.space();
    const reference = readMailboxName(args.astring(), isUtf8);
    args.space();
    const pattern = readMailboxName(args.listPattern(), isUtf8);
    args.end();
    const isMatch = listMatcher(reference + pattern);
    const mailboxes = (await client.session?.list()) ?? [];
    const hidden = new Set(
      mailboxes.filter(({ isSubscribed, name }) => isSubscribed && !isMatch(name)).flatMap(({ name }) => namesAbove(name)),
    );
    for (const { name, mailbox } of nodesOf(mailboxes)) {
      const isSubscribed = mailbox?.isSubscribed === true;
      if (!isMatch(name) || (!isSubscribed && !hidden.has(name))) continue;
      client.out.text(`* LSUB (${attributeOf(mailbox)}) "/" ${mailboxName(name, client.enabled)}\r\n`);
      if (client.out.isFull) await client.out.flush();
    }
    return ok('Done');
  },
};

function attributeOf(mailbox: ListedMailbox | undefined): string {
  if (mailbox?.isSubscribed !== true) return String.raw`\Noselect`;
  return mailbox.isGone === true ? String.raw`\NonExistent` : '';
}
