import type { Client, Command, Completion } from '../client.ts';
import { bad } from '../replies.ts';
import { searchToArrange } from '../search/arrange.ts';
import { needsView, readSortCriteria, sortableOf, sorted, type Sortable } from '../search/sort.ts';
import { highestModSeq, searched } from './search.ts';
import type { Scanner } from '../wire/scanner.ts';

/** RFC 5256 3, RFC 5957. */
export const sort: Command = {
  state: 'selected',
  keepsNumbers: true,
  provides: ['SORT', 'SORT=DISPLAY'],
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
  const { uids, keys } = found;
  const messages: Sortable[] = [];
  if (uids.length > 0) {
    const pages = selected.mailbox.fetch(selected.numbers.rangesOf(uids), { detail: needsView(by) ? 'view' : 'row' });
    for await (const page of pages) for (const message of page) messages.push(sortableOf(message, by));
  }
  const order = sorted(messages, by).map((uid) => (isUid ? uid : selected.numbers.numberOf(uid)));
  const modSeq = keys.usesModSeq ? await highestModSeq(selected, uids) : undefined;
  const list = order.map((number) => ` ${number}`).join('');
  client.out.text(`* SORT${list}${modSeq === undefined ? '' : ` (MODSEQ ${modSeq})`}\r\n`);
  return searched(found, keys);
}
