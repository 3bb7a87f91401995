import { asId, isTooManyFlags, normalFlags, type Flag, type ModSeq } from '@stopgap/core';
import type { Client, Command, Completion } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { bad, no, ok, replies } from '../replies.ts';
import type { FlagStore, SelectedMailbox, StoredFlags, UidRange } from '../session.ts';
import type { Tracker } from '../tracker.ts';
import { SyntaxFault } from '../wire/faults.ts';
import type { Scanner } from '../wire/scanner.ts';
import { formatRanges, joinRanges, parseSequenceSet, type SequenceSet } from '../wire/sequence-set.ts';

interface StoreRequest {
  readonly set: SequenceSet;
  readonly action: 'replace' | 'add' | 'remove';
  readonly isSilent: boolean;
  readonly flags: readonly Flag[];
  readonly isTooMany: boolean;
  readonly unchangedSince?: ModSeq;
}

/** RFC 9051 6.4.6. */
export const store: Command = { state: 'selected', keepsNumbers: true, run: (args, client) => storeFlags(args, client, false) };
/** RFC 9051 6.4.9. */
export const uidStore: Command = { state: 'selected', run: (args, client) => storeFlags(args, client, true) };

async function storeFlags(args: Scanner, client: Client, isUid: boolean): Promise<Completion> {
  const request = readStore(args);
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  if (selected.mailbox.isReadOnly) return replies.readOnly;
  if (request.isTooMany) return replies.tooManyFlags;
  const { unchangedSince } = request;
  if (unchangedSince !== undefined) turnOnCondstore(client);
  const flags = changeable(request.flags, selected.mailbox);
  if (flags.length === 0 && request.flags.length > 0) return no('These flags can not be changed here', 'NOPERM');
  const ranges = selected.rangesOf(request.set, isUid);
  if (ranges.length === 0) return ok('Done');
  const expected = selected.numbers.countIn(ranges);
  const change = changeOf(request.action, flags);
  const stored = await selected.mailbox.store(ranges, change, unchangedSince === undefined ? {} : { unchangedSince });
  for (const { modSeq } of stored.changed) selected.tookPart(modSeq);
  let areGone = false;
  if (request.isSilent) await tellInSilence(client, selected, { stored, unchanged: unchangedSince === undefined ? [] : ranges });
  else areGone = (await tellAll(selected, ranges, { stored, expected })) < expected && !isUid;
  const { modified } = stored;
  if (modified.length === 0) return areGone ? replies.expungeIssued : ok('Done');
  // RFC 7162 3.1.3.
  const named = isUid ? modified : modified.map((uid) => selected.numbers.numberOf(uid));
  const code = `MODIFIED ${formatRanges(joinRanges(named.map((one) => [one, one] as const)))}`;
  return areGone ? no('Some had changed meanwhile, some are gone', code) : ok('Some had changed meanwhile', code);
}

function readStore(args: Scanner): StoreRequest {
  args.space();
  const set = parseSequenceSet(args.sequenceSet());
  args.space();
  let unchangedSince: ModSeq | undefined;
  if (args.peek() === '(') {
    args.list(() => {
      if (args.word() !== 'UNCHANGEDSINCE') throw new SyntaxFault('No such modifier');
      args.space();
      unchangedSince = asId.modSeq(args.number64());
    });
    args.space();
  }
  const sign = args.accept('+') ? 'add' : args.accept('-') ? 'remove' : 'replace';
  const name = args.word();
  if (name !== 'FLAGS' && name !== 'FLAGS.SILENT') throw new SyntaxFault('No such item');
  args.space();
  const flags = args.peek() === '(' ? args.list(() => args.flag()) : readBareFlags(args);
  args.end();
  return {
    set,
    action: sign,
    isSilent: name === 'FLAGS.SILENT',
    flags: normalFlags(flags),
    isTooMany: isTooManyFlags(flags),
    ...(unchangedSince !== undefined && { unchangedSince }),
  };
}

function readBareFlags(args: Scanner): string[] {
  const flags = [args.flag()];
  while (args.accept(' ')) flags.push(args.flag());
  return flags;
}

function changeable(flags: readonly Flag[], { permanentFlags }: SelectedMailbox): readonly Flag[] {
  return permanentFlags === 'any' ? flags : flags.filter((flag) => permanentFlags.includes(flag));
}

function changeOf(action: StoreRequest['action'], flags: readonly Flag[]): FlagStore {
  switch (action) {
    case 'replace':
      return { kind: 'replace', flags };
    case 'add':
      return { kind: 'change', change: { add: flags, remove: [] } };
    case 'remove':
      return { kind: 'change', change: { add: [], remove: flags } };
    default:
      return action satisfies never;
  }
}

/** RFC 9051 6.4.6: as if they had been fetched, also where nothing changed. */
async function tellAll(
  tracker: Tracker,
  ranges: readonly UidRange[],
  { stored, expected }: { readonly stored: StoredFlags; readonly expected: number },
): Promise<number> {
  const changed = stored.changed.filter(({ uid }) => tracker.numbers.numberOf(uid) > 0);
  if (changed.length === expected) {
    await tracker.tellFlags(changed);
    return expected;
  }
  let count = 0;
  for await (const page of tracker.mailbox.fetch(ranges, { detail: 'flags' })) {
    await tracker.tellFlags(page);
    count += page.length;
  }
  return count;
}

/** @param unchanged where to look for those that UNCHANGEDSINCE let pass and that had nothing to change */
async function tellInSilence(
  client: Client,
  tracker: Tracker,
  { stored: { changed, modified }, unchanged }: { readonly stored: StoredFlags; readonly unchanged: readonly UidRange[] },
): Promise<void> {
  // Somebody else changed them at this moment, which has not been told yet.
  const others = changed.filter(({ modSeqBefore }) => modSeqBefore > tracker.modSeq);
  await tracker.tellFlags(others);
  if (!client.enabled.isCondstore) return;
  const told = new Set([...others.map(({ uid }) => uid), ...modified]);
  // RFC 7162 3.1.3: of each that passed.
  const passed = unchanged.length > 0 ? tracker.mailbox.fetch(unchanged, { detail: 'flags' }) : [changed];
  for await (const page of passed) await tracker.tellNumbers(page.filter(({ uid }) => !told.has(uid)));
}
