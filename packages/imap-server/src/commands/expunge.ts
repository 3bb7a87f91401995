import type { Client, Command, Completion } from '../client.ts';
import { bad, ok, replies } from '../replies.ts';
import type { UidRange } from '../session.ts';
import { parseSequenceSet } from '../wire/sequence-set.ts';

/** RFC 9051 6.4.3. */
export const expunge: Command = {
  state: 'selected',
  async run(args, client) {
    args.end();
    return await remove(client, undefined);
  },
};

/** RFC 9051 6.4.9, RFC 4315 2.1. */
export const uidExpunge: Command = {
  state: 'selected',
  async run(args, client) {
    args.space();
    const set = parseSequenceSet(args.sequenceSet());
    args.end();
    return await remove(client, client.selected?.rangesOf(set, true) ?? []);
  },
};

async function remove(client: Client, ranges: readonly UidRange[] | undefined): Promise<Completion> {
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  if (selected.mailbox.isReadOnly) return replies.readOnly;
  if (ranges === undefined || ranges.length > 0) await selected.mailbox.expunge(ranges);
  await selected.sync({ mayExpunge: true });
  // RFC 7162 3.2.7.
  return client.enabled.isQresync ? ok('Expunged', `HIGHESTMODSEQ ${selected.toldModSeq}`) : ok('Expunged');
}
