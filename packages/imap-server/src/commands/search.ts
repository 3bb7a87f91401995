import type { Uid } from '@stopgap/core';
import type { Client, Command, Completion } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { bad, ok } from '../replies.ts';
import { badCharset, noCharset, readerOf, type TextReader } from '../search/charset.ts';
import { readSearchKeys, type SearchKeys } from '../search/search-keys.ts';
import type { SearchFound } from '../session.ts';
import type { Tracker } from '../tracker.ts';
import { string } from '../wire/encode.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { utf8Of, type Scanner } from '../wire/scanner.ts';
import { formatSet, rangesOf } from '../wire/sequence-set.ts';

/** RFC 9051 6.4.4 (ESEARCH, RFC 4731), SAVE (RFC 5182). */
const OPTIONS = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'];

interface SearchRequest {
  /** Undefined: RFC 3501's answer is wanted. */
  readonly answer: ReadonlySet<string> | undefined;
  readonly keys: SearchKeys;
}

/** RFC 9051 6.4.4, RFC 3501 6.4.4. */
export const search: Command = {
  state: 'selected',
  keepsNumbers: true,
  run: (args, client, { tag }) => searchMessages(args, client, { isUid: false, tag }),
};
/** RFC 9051 6.4.9. */
export const uidSearch: Command = {
  state: 'selected',
  run: (args, client, { tag }) => searchMessages(args, client, { isUid: true, tag }),
};

async function searchMessages(
  args: Scanner,
  client: Client,
  { isUid, tag }: { readonly isUid: boolean; readonly tag: string },
): Promise<Completion> {
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  const request = readSearch(args, { client, tracker: selected });
  const isSaved = request.answer?.has('SAVE') === true;
  if ('refused' in request) {
    if (isSaved && request.refused.status === 'NO') selected.saved = [];
    return request.refused;
  }
  if (request.keys.usesModSeq) turnOnCondstore(client);
  // RFC 5182 2.1: a search that fails leaves nothing behind.
  if (isSaved) selected.saved = [];
  const found = await selected.mailbox.search(request.keys.criteria, client.gone);
  const uids = found.uids.filter((uid) => selected.numbers.numberOf(uid) > 0);
  if (isSaved) selected.saved = rangesOf(namedBy(uids, request.answer));
  const modSeq = request.keys.usesModSeq ? await highestModSeq(selected, namedBy(uids, request.answer)) : undefined;
  const values = isUid ? uids : uids.map((uid) => selected.numbers.numberOf(uid));
  client.out.text(
    request.answer === undefined ? plainAnswer(values, modSeq) : extendedAnswer(values, { answer: request.answer, isUid, tag, modSeq }),
  );
  return searched(found, request.keys);
}

function readSearch(
  args: Scanner,
  { client, tracker }: { readonly client: Client; readonly tracker: Tracker },
): SearchRequest | (Pick<SearchRequest, 'answer'> & { readonly refused: Completion }) {
  args.space();
  let answer: Set<string> | undefined;
  if (args.acceptWord('RETURN')) {
    args.space();
    answer = new Set(args.list(() => optionOf(args)));
    // RFC 4731 3.1: RETURN () is RETURN (ALL).
    if (answer.size === 0) answer.add('ALL');
    args.space();
  } else if (client.enabled.isRev2) answer = new Set(['ALL']);
  let readText: TextReader = utf8Of;
  if (args.acceptWord('CHARSET')) {
    args.space();
    const reader = readerOf(args.astring());
    args.space();
    if (client.enabled.isUtf8 && !client.enabled.isRev2) return { answer, refused: noCharset };
    if (!reader) return { answer, refused: badCharset };
    readText = reader;
  }
  return { answer, keys: readSearchKeys(args, { tracker, nowMs: client.settings.clock.nowMs(), readText }) };
}

function optionOf(args: Scanner): string {
  const option = args.word();
  if (!OPTIONS.includes(option)) throw new SyntaxFault('No such option');
  return option;
}

/** With MIN or MAX alone, those: what SAVE keeps (RFC 5182 2.4), and whose number of a change is told (RFC 4731 3.2). */
function namedBy(uids: readonly Uid[], answer: ReadonlySet<string> | undefined): readonly Uid[] {
  if (answer === undefined || answer.has('ALL') || answer.has('COUNT') || !(answer.has('MIN') || answer.has('MAX'))) return uids;
  const ends = [...(answer.has('MIN') ? uids.slice(0, 1) : []), ...(answer.has('MAX') ? uids.slice(-1) : [])];
  return [...new Set(ends)];
}

/** The end of SEARCH, SORT and THREAD. */
export function searched({ isComplete }: Pick<SearchFound, 'isComplete'>, { usesNumbers }: SearchKeys): Completion {
  const text = isComplete ? 'Done' : 'Done, but there may be more: not all that there is could be looked into';
  return { ...ok(text), keepsNumbers: usesNumbers };
}

/** RFC 7162 3.1.5, 3.1.6. Undefined: of nothing. */
export async function highestModSeq(tracker: Tracker, uids: readonly Uid[]): Promise<number | undefined> {
  if (uids.length === 0) return undefined;
  let highest = 0;
  for await (const page of tracker.mailbox.fetch(tracker.numbers.rangesOf(uids), { detail: 'flags' })) {
    for (const { modSeq } of page) highest = Math.max(highest, modSeq);
  }
  return highest;
}

/** RFC 3501 7.2.5, RFC 7162 3.1.5. */
function plainAnswer(values: readonly number[], modSeq: number | undefined): string {
  const list = values.length === 0 ? '' : ` ${values.join(' ')}`;
  return `* SEARCH${list}${modSeq === undefined ? '' : ` (MODSEQ ${modSeq})`}\r\n`;
}

/** RFC 9051 7.3.4. Nothing but SAVE was asked for: nothing is answered. */
function extendedAnswer(
  values: readonly number[],
  {
    answer,
    isUid,
    tag,
    modSeq,
  }: { readonly answer: ReadonlySet<string>; readonly isUid: boolean; readonly tag: string; modSeq: number | undefined },
): string {
  if (answer.size === 1 && answer.has('SAVE')) return '';
  const items: string[] = [];
  if (answer.has('MIN') && values.length > 0) items.push(`MIN ${values[0]}`);
  if (answer.has('MAX') && values.length > 0) items.push(`MAX ${values.at(-1)}`);
  if (answer.has('ALL') && values.length > 0) items.push(`ALL ${formatSet(values)}`);
  if (answer.has('COUNT')) items.push(`COUNT ${values.length}`);
  if (modSeq !== undefined) items.push(`MODSEQ ${modSeq}`);
  return `* ESEARCH (TAG ${string(tag)})${isUid ? ' UID' : ''}${items.map((item) => ` ${item}`).join('')}\r\n`;
}
