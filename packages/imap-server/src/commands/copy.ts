import type { Client, Command, Completion } from '../client.ts';
import { bad, completionOf, isOurFault, ok, replies } from '../replies.ts';
import type { CopiedMessages } from '../session.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import type { Scanner } from '../wire/scanner.ts';
import { formatSet, parseSequenceSet } from '../wire/sequence-set.ts';

/** RFC 9051 6.4.7. */
export const copy: Command = { state: 'selected', run: (args, client) => transfer(args, client, { isUid: false, isMove: false }) };
export const uidCopy: Command = { state: 'selected', run: (args, client) => transfer(args, client, { isUid: true, isMove: false }) };
/** RFC 9051 6.4.8. */
export const move: Command = {
  state: 'selected',
  provides: ['MOVE'],
  run: (args, client) => transfer(args, client, { isUid: false, isMove: true }),
};
export const uidMove: Command = { state: 'selected', run: (args, client) => transfer(args, client, { isUid: true, isMove: true }) };

async function transfer(
  args: Scanner,
  client: Client,
  { isUid, isMove }: { readonly isUid: boolean; readonly isMove: boolean },
): Promise<Completion> {
  args.space();
  const set = parseSequenceSet(args.sequenceSet());
  args.space();
  const target = readMailboxName(args.astring(), client.enabled.isUtf8);
  args.end();
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  if (isMove && selected.mailbox.isReadOnly) return replies.readOnly;
  const ranges = selected.rangesOf(set, isUid);
  let copied: CopiedMessages;
  try {
    copied = isMove ? await selected.mailbox.move(ranges, target) : await selected.mailbox.copy(ranges, target);
  } catch (error) {
    if (isOurFault(error)) throw error;
    return completionOf(error, { isTarget: true });
  }
  if (copied.from.length === 0) return ok('There was nothing to do');
  // RFC 4315 3.
  const code = `COPYUID ${copied.uidValidity} ${formatSet(copied.from)} ${formatSet(copied.to)}`;
  if (!isMove) return ok('Copied', code);
  // RFC 6851 4.3: before the EXPUNGE responses.
  client.out.text(`* OK [${code}] Moved\r\n`);
  await selected.sync({ mayExpunge: true });
  // RFC 6851 4.4.
  return client.enabled.isQresync ? ok('Moved', `HIGHESTMODSEQ ${selected.toldModSeq}`) : ok('Moved');
}
