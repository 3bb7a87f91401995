import { asId, type ModSeq } from '@stopgap/core';
import type { Client, Command, Completion } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { bad, ok } from '../replies.ts';
import type { OpenedMailbox, UidRange } from '../session.ts';
import { Tracker } from '../tracker.ts';
import { vanishedIn } from '../vanished.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import type { Scanner } from '../wire/scanner.ts';
import { clipRanges, parseSequenceSet, resolveRanges } from '../wire/sequence-set.ts';
import { listLine } from './list.ts';

interface SelectRequest {
  readonly name: string;
  readonly isCondstore: boolean;
  readonly resync?: Resync;
}

/** What the client remembers (RFC 7162 3.2.5). Its sequence-match data would only save us work, so it is read and passed over. */
interface Resync {
  readonly uidValidity: number;
  readonly modSeq: ModSeq;
  readonly known?: readonly UidRange[];
}

/** RFC 9051 6.3.2. */
export const select: Command = { state: 'authenticated', run: (args, client) => open(args, client, false) };
/** RFC 9051 6.3.3. */
export const examine: Command = { state: 'authenticated', run: (args, client) => open(args, client, true) };

async function open(args: Scanner, client: Client, isReadOnly: boolean): Promise<Completion> {
  const request = readSelect(args, client.enabled.isUtf8);
  const { session, enabled } = client;
  if (session === undefined) return bad('Log in first');
  if (request.resync && !enabled.isQresync) return bad('QRESYNC must be enabled first');
  if (client.selected) {
    client.selected.mailbox.close();
    client.selected = undefined;
    // RFC 7162 3.2.11: whatever is enabled; what comes after it is about the other mailbox.
    client.out.text('* OK [CLOSED] Closed\r\n');
  }
  if (request.isCondstore) turnOnCondstore(client);
  // RFC 9051 6.3.2: when it fails no mailbox is selected.
  const opened = await session.open(request.name, { isReadOnly });
  const tracker = new Tracker(opened, client);
  await write(opened, tracker, client);
  if (request.resync) await resync(opened, request.resync, { tracker, client });
  client.selected = tracker;
  return ok('Done', opened.mailbox.isReadOnly ? 'READ-ONLY' : 'READ-WRITE');
}

function readSelect(args: Scanner, isUtf8: boolean): SelectRequest {
  args.space();
  const name = readMailboxName(args.astring(), isUtf8);
  let isCondstore = false;
  let resyncWith: Resync | undefined;
  if (args.accept(' ')) {
    args.list(() => {
      const parameter = args.word();
      if (parameter === 'CONDSTORE') isCondstore = true;
      else if (parameter === 'QRESYNC') resyncWith = readResync(args);
      else throw new SyntaxFault('No such parameter');
    });
  }
  args.end();
  return { name, isCondstore, ...(resyncWith && { resync: resyncWith }) };
}

function readResync(args: Scanner): Resync {
  args.space();
  args.expect('(');
  const uidValidity = args.number();
  args.space();
  const modSeq = asId.modSeq(args.number64());
  let known: readonly UidRange[] | undefined;
  if (args.accept(' ')) {
    if (args.peek() !== '(') known = readKnown(args);
    if (known === undefined || args.accept(' ')) {
      args.expect('(');
      args.sequenceSet();
      args.space();
      args.sequenceSet();
      args.expect(')');
    }
  }
  args.expect(')');
  return { uidValidity, modSeq, ...(known && { known }) };
}

function readKnown(args: Scanner): readonly UidRange[] {
  const set = parseSequenceSet(args.sequenceSet());
  // RFC 7162 7: no `*` and no `$` here.
  if (set === 'saved') throw new SyntaxFault('Known UIDs are numbers');
  return resolveRanges(set, 0);
}

async function write({ mailbox, snapshot }: OpenedMailbox, tracker: Tracker, client: Client): Promise<void> {
  const { out, enabled } = client;
  tracker.tellFlagsInUse();
  out.text(`* ${tracker.numbers.size} EXISTS\r\n`);
  if (enabled.isRev2) {
    // RFC 9051 6.3.2: the name as it is here.
    out.text(await listLine(client, mailbox.name));
  } else {
    // RFC 3501 7.3.2. `\Recent` is not kept: with several clients at once it means nothing (RFC 9051 appendix E left it out).
    out.text('* 0 RECENT\r\n');
    const unseen = snapshot.firstUnseen === undefined ? 0 : tracker.numbers.numberOf(snapshot.firstUnseen);
    if (unseen > 0) out.text(`* OK [UNSEEN ${unseen}] First unseen\r\n`);
  }
  out.text(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid\r\n* OK [UIDNEXT ${snapshot.uidNext}] Predicted next UID\r\n`);
  out.text(`* OK [HIGHESTMODSEQ ${snapshot.highestModSeq}] Highest\r\n* OK [MAILBOXID (${mailbox.mailboxId})] Ok\r\n`);
}

/** RFC 7162 3.2.5.1, 3.2.5.2. */
async function resync(
  { mailbox, snapshot }: OpenedMailbox,
  known: Resync,
  { tracker, client }: { readonly tracker: Tracker; readonly client: Client },
): Promise<void> {
  if (known.uidValidity !== mailbox.uidValidity) return;
  const ranges = clipRanges(known.known ?? [[1, snapshot.uidNext - 1]], snapshot.uidNext - 1);
  const gone = await vanishedIn(tracker, known.modSeq, ranges);
  if (gone !== '') client.out.text(`* VANISHED (EARLIER) ${gone}\r\n`);
  for await (const page of mailbox.fetch(ranges, { detail: 'flags', changedSince: known.modSeq })) await tracker.tellFlags(page);
}
