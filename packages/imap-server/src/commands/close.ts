import type { Command } from '../client.ts';
import { ok } from '../replies.ts';

/** RFC 9051 6.4.1: what is marked goes without a word, unless the mailbox is open read-only. */
export const close: Command = {
  state: 'selected',
  async run(args, client) {
    args.end();
    const { selected } = client;
    if (selected && !selected.mailbox.isReadOnly) await selected.mailbox.expunge(undefined);
    selected?.mailbox.close();
    client.selected = undefined;
    return ok('Closed');
  },
};

/** RFC 9051 6.4.2: nothing goes. */
export const unselect: Command = {
  state: 'selected',
  provides: ['UNSELECT'],
  run(args, client) {
    args.end();
    client.selected?.mailbox.close();
    client.selected = undefined;
    return ok('Closed');
  },
};
