import { asId, type ModSeq } from '@stopgap/core';
import type { Client, Command, Completion } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { contentFor, prepare, UnknownEncoding, write, type Prepared } from '../fetch/content-items.ts';
import { readFetchItems, type ContentItem, type FetchItem, type SimpleItem } from '../fetch/fetch-items.ts';
import { detailFor, simpleItemText } from '../fetch/simple-items.ts';
import { bad, completionOf, endsSession, isOurFault, ok, replies } from '../replies.ts';
import type { ContentWanted, MessageData, MessageContent, UidRange } from '../session.ts';
import type { Tracker } from '../tracker.ts';
import { vanishedIn } from '../vanished.ts';
import { ConnectionOver, EndingFault, SyntaxFault } from '../wire/faults.ts';
import type { Scanner } from '../wire/scanner.ts';
import { clipRanges, joinRanges, parseSequenceSet, resolveRanges, type SequenceSet } from '../wire/sequence-set.ts';

/** Of one page, told without letting others have their turn. */
const FEW_MESSAGES = 50;

interface FetchRequest {
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  readonly changedSince?: ModSeq;
  readonly wantsVanished: boolean;
}

/** RFC 9051 6.4.5. */
export const fetch: Command = { state: 'selected', keepsNumbers: true, run: (args, client) => fetchMessages(args, client, false) };
/** RFC 9051 6.4.9. */
export const uidFetch: Command = { state: 'selected', run: (args, client) => fetchMessages(args, client, true) };

async function fetchMessages(args: Scanner, client: Client, isUid: boolean): Promise<Completion> {
  const request = readFetch(args, isUid);
  const { selected } = client;
  if (selected === undefined) return bad('Select a mailbox first');
  // RFC 7162 3.2.6: VANISHED is for UID FETCH after ENABLE QRESYNC.
  if (request.wantsVanished && !(isUid && client.enabled.isQresync)) return bad('VANISHED needs UID FETCH and QRESYNC');
  if (request.items.some(({ kind }) => kind === 'modseq')) turnOnCondstore(client);
  const ranges = selected.rangesOf(request.set, isUid);
  if (request.wantsVanished && request.changedSince !== undefined && request.set !== 'saved') {
    // What is gone may lie beyond the last UID that is there.
    const { highestUid } = selected;
    const asked = clipRanges(resolveRanges(request.set, highestUid), highestUid);
    const gone = await vanishedIn(selected, request.changedSince, asked);
    if (gone !== '') client.out.text(`* VANISHED (EARLIER) ${gone}\r\n`);
  }
  const fetching = new Fetching(request, { client, tracker: selected });
  await fetching.run(ranges);
  if (fetching.failure) return fetching.failure;
  const isShort = !isUid && request.changedSince === undefined && fetching.count < selected.numbers.countIn(ranges);
  return isShort ? replies.expungeIssued : ok('Done');
}

function readFetch(args: Scanner, isUid: boolean): FetchRequest {
  args.space();
  const set = parseSequenceSet(args.sequenceSet());
  args.space();
  const read = [...readFetchItems(args)];
  let changedSince: ModSeq | undefined;
  let wantsVanished = false;
  if (args.accept(' ')) {
    args.list(() => {
      const modifier = args.word();
      if (modifier === 'VANISHED') wantsVanished = true;
      else if (modifier === 'CHANGEDSINCE') {
        args.space();
        changedSince = asId.modSeq(args.number64());
      } else throw new SyntaxFault('No such modifier');
    });
  }
  args.end();
  if (wantsVanished && changedSince === undefined) throw new SyntaxFault('VANISHED needs CHANGEDSINCE');
  const has = (kind: FetchItem['kind']): boolean => read.some((item) => item.kind === kind);
  // RFC 9051 6.4.9, RFC 7162 3.1.4.1: some are told unasked.
  const items: FetchItem[] = isUid && !has('uid') ? [{ kind: 'uid' }, ...read] : read;
  if (changedSince !== undefined && !has('modseq')) items.push({ kind: 'modseq' });
  return { set, items, wantsVanished, ...(changedSince !== undefined && { changedSince }) };
}

class Fetching {
  /** Messages that were told. */
  count = 0;
  /** What could not be had of one message; the others are told all the same. */
  failure: Completion | undefined;
  readonly #client: Client;
  readonly #tracker: Tracker;
  readonly #request: FetchRequest;
  readonly #simple: readonly SimpleItem[];
  readonly #content: readonly ContentItem[];
  readonly #wanted: ContentWanted;
  readonly #setsSeen: boolean;

  constructor(request: FetchRequest, { client, tracker }: { readonly client: Client; readonly tracker: Tracker }) {
    this.#request = request;
    this.#client = client;
    this.#tracker = tracker;
    this.#simple = request.items.filter((item): item is { kind: SimpleItem } => !isContent(item)).map(({ kind }) => kind);
    this.#content = request.items.filter(isContent);
    this.#wanted = contentFor(this.#content);
    const { isReadOnly, permanentFlags } = tracker.mailbox;
    const canSetSeen = !isReadOnly && (permanentFlags === 'any' || permanentFlags.includes('$seen'));
    this.#setsSeen = canSetSeen && this.#content.some((item) => item.setsSeen);
  }

  async run(ranges: readonly UidRange[]): Promise<void> {
    if (ranges.length === 0) return;
    const { changedSince, items } = this.#request;
    const pages = this.#tracker.mailbox.fetch(ranges, {
      ...detailFor(items),
      ...(this.#content.length > 0 && { content: this.#wanted }),
      ...(changedSince !== undefined && { changedSince }),
    });
    for await (const page of pages) {
      const seen: MessageData[] = [];
      for (const message of page) {
        const isTold = this.#content.length === 0 ? this.#tellSimple(message) : await this.#tellWithContent(message);
        if (isTold) this.count += 1;
        if (isTold && this.#setsSeen && !message.flags.includes('$seen')) seen.push(message);
        if (this.#client.out.isFull) await this.#client.out.flush();
      }
      if (seen.length > 0) await this.#markSeen(seen);
      if (this.#client.gone.aborted) throw new ConnectionOver('The client is gone');
      // A client that reads as fast as we write must not keep all the others waiting; who asks for little does not wait for them either.
      if (page.length > FEW_MESSAGES) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #tellSimple(message: MessageData): boolean {
    const number = this.#tracker.numbers.numberOf(message.uid);
    if (number === 0) return false;
    this.#client.out.text(`* ${number} FETCH (${this.#simpleText(message)})\r\n`);
    return true;
  }

  #simpleText(message: MessageData): string {
    const { isUtf8 } = this.#client.enabled;
    let text = '';
    for (const kind of this.#simple) text += `${text === '' ? '' : ' '}${simpleItemText(kind, message, isUtf8)}`;
    return text;
  }

  /** False: it is gone, or its octets can not be had now. Then nothing of it has been written. */
  async #tellWithContent(message: MessageData): Promise<boolean> {
    const number = this.#tracker.numbers.numberOf(message.uid);
    if (number === 0) return false;
    const ready = await this.#ready(message);
    if (ready === undefined) return false;
    const { out } = this.#client;
    const text = this.#simpleText(message);
    out.text(`* ${number} FETCH (${text}`);
    for (const [index, prepared] of ready.items.entries()) {
      if (index > 0 || text !== '') out.text(' ');
      await write(prepared, ready.content, out);
    }
    out.text(')\r\n');
    return true;
  }

  async #ready(message: MessageData): Promise<{ readonly content: MessageContent; readonly items: readonly Prepared[] } | undefined> {
    try {
      const content = message.content ?? (await this.#tracker.mailbox.content(message.uid, this.#wanted, this.#client.gone));
      if (content === undefined) return undefined;
      const items: Prepared[] = [];
      for (const item of this.#content) items.push(await prepare(item, content));
      return { content, items };
    } catch (error) {
      if (error instanceof ConnectionOver || error instanceof EndingFault || endsSession(error)) throw error;
      if (error instanceof UnknownEncoding) this.failure ??= error.completion;
      else {
        if (isOurFault(error)) this.#client.fail(error, 'FETCH');
        this.failure ??= completionOf(error);
      }
      return undefined;
    }
  }

  /** RFC 9051 6.4.5: after the octets, for only what was told has been seen. */
  async #markSeen(messages: readonly MessageData[]): Promise<void> {
    const ranges = joinRanges(messages.map(({ uid }) => [uid, uid] as const));
    const { changed } = await this.#tracker.mailbox.store(ranges, { kind: 'change', change: { add: ['$seen'], remove: [] } }, {});
    for (const { modSeq } of changed) this.#tracker.tookPart(modSeq);
    await this.#tracker.tellFlags(changed);
  }
}

function isContent(item: FetchItem): item is ContentItem {
  return item.kind === 'section' || item.kind === 'binary' || item.kind === 'binary-size';
}
