import type { Client, Command, Completion } from '../client.ts';
import { bad, ok } from '../replies.ts';
import { searchToArrange } from '../search/arrange.ts';
import { needsView, readSortCriteria, sortableOf, sorted, type Sortable } from '../search/sort.ts';
import type { Scanner } from '../wire/scanner.ts';
import { rangesOf } from '../wire/sequence-set.ts';

/** RFC 5256 3. */
export const sort: Command = {
  state: 'selected',
  keepsNumbers: true,
  provides: ['SORT'],
  run: (args, client) => sortMessages(args, client, false),
};
export const uidSort: Command = { state: 'selected', run: (args, client) => sortMessages(args, client, true) };

async function sortMessages(args: Scanner, client: Client, isUid: boolean): Promise<Completion> {
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  args.space();
  const by = readSortCriteria(args);
  const found = await searchToArrange(args, client, selected);
  if ('refused' in found) return found.refused;
  const { uids } = found;
  const messages: Sortable[] = [];
  if (uids.length > 0) {
    const pages = selected.mailbox.fetch(rangesOf(uids), { detail: needsView(by) ? 'view' : 'row' });
    for await (const page of pages) for (const message of page) messages.push(sortableOf(message, by));
  }
  const order = sorted(messages, by).map((uid) => (isUid ? uid : selected.numbers.numberOf(uid)));
  client.out.text(`* SORT${order.length === 0 ? '' : ` ${order.join(' ')}`}\r\n`);
  return ok('Done');
}
