import type { Client, Command, Completion } from '../client.ts';
import { bad, no } from '../replies.ts';
import { searchToArrange } from '../search/arrange.ts';
import { byReferences, orderedSubject, threadableOf, threadText, type Threadable } from '../search/thread.ts';
import { searched } from './search.ts';
import type { Scanner } from '../wire/scanner.ts';

/** RFC 5256 3. */
export const thread: Command = {
  state: 'selected',
  keepsNumbers: true,
  provides: ['THREAD=ORDEREDSUBJECT', 'THREAD=REFERENCES'],
  run: (args, client) => threadMessages(args, client, false),
};
export const uidThread: Command = { state: 'selected', run: (args, client) => threadMessages(args, client, true) };

async function threadMessages(args: Scanner, client: Client, isUid: boolean): Promise<Completion> {
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  args.space();
  const algorithm = args.word();
  if (algorithm !== 'REFERENCES' && algorithm !== 'ORDEREDSUBJECT') return no('No such algorithm', 'CANNOT');
  const found = await searchToArrange(args, client, selected);
  if ('refused' in found) return found.refused;
  const { uids, keys } = found;
  const messages: Threadable[] = [];
  if (uids.length > 0) {
    for await (const page of selected.mailbox.fetch(selected.numbers.rangesOf(uids), { detail: 'view' })) {
      for (const message of page) messages.push(threadableOf(message));
    }
  }
  const threads = algorithm === 'REFERENCES' ? byReferences(messages) : orderedSubject(messages);
  const text = threadText(threads, (uid) => (isUid ? uid : selected.numbers.numberOf(uid)));
  client.out.text(`* THREAD${text === '' ? '' : ` ${text}`}\r\n`);
  return searched(found, keys);
}
