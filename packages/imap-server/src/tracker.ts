import type { Flag, ModSeq } from '@stopgap/core';
import type { Enabled } from './client.ts';
import { SequenceMap } from './sequence-map.ts';
import type { MailboxChanges, MessageFlags, OpenedMailbox, SelectedMailbox, UidRange } from './session.ts';
import { flagList } from './wire/encode.ts';
import { formatSet, type SequenceSet, clipRanges, resolveRanges } from './wire/sequence-set.ts';
import type { ResponseWriter } from './wire/response-writer.ts';
import { SyntaxFault } from './wire/faults.ts';

/** RFC 9051 2.3.2. */
const SYSTEM_FLAGS: readonly Flag[] = ['$answered', '$flagged', '$deleted', '$seen', '$draft'];

/** The mailbox can not be followed any more. */
export class MailboxGone extends Error {
  override readonly name = 'MailboxGone';
}

/**
 * One client's view of its mailbox: which sequence number is which UID, up to which change it has been told, and what must wait. A number once told stays
 * until EXPUNGE or VANISHED says otherwise, which is only said where no command is under way that speaks of numbers (RFC 9051 7.5.1, RFC 3501 7.4.1);
 * until then what is gone is `#gone` and keeps its number.
 */
export class Tracker {
  readonly mailbox: SelectedMailbox;
  /** Of the last SEARCH with SAVE (RFC 5182). */
  saved: readonly UidRange[] = [];
  readonly #enabled: Enabled;
  readonly #out: ResponseWriter;
  #map: SequenceMap;
  #modSeq: ModSeq;
  #toldModSeq: ModSeq;
  #gone: number[] = [];
  /** The client was told to keep the number that it knew all up to. */
  #isHeldBack = false;
  /** Changes of this connection's own, which it has been told by the command itself. */
  #own = new Set<ModSeq>();
  #flags: ReadonlySet<Flag>;
  readonly #uidNext: number;

  constructor({ mailbox, snapshot }: OpenedMailbox, client: { readonly enabled: Enabled; readonly out: ResponseWriter }) {
    this.mailbox = mailbox;
    this.#enabled = client.enabled;
    this.#out = client.out;
    this.#map = new SequenceMap(snapshot.uids);
    this.#modSeq = snapshot.modSeq;
    this.#toldModSeq = snapshot.modSeq;
    this.#uidNext = snapshot.uidNext;
    this.#flags = new Set([...SYSTEM_FLAGS, ...snapshot.keywords]);
  }

  get numbers(): SequenceMap {
    return this.#map;
  }

  /** The highest UID that may ever have been there, as far as the client can know. */
  get highestUid(): number {
    return Math.max(this.#uidNext - 1, this.#map.lastUid);
  }

  /** Up to which change all was looked at: what went may still have to wait. */
  get modSeq(): ModSeq {
    return this.#modSeq;
  }

  /** Up to which change the client knows all: it comes back with this number, and asks what went since. */
  get toldModSeq(): ModSeq {
    return this.#toldModSeq;
  }

  /** The untagged FLAGS and the code PERMANENTFLAGS (RFC 9051 7.3.5, 7.1). */
  tellFlagsInUse(): void {
    const { mailbox } = this;
    this.#out.text(`* FLAGS ${flagList([...this.#flags])}\r\n`);
    const permanent = mailbox.isReadOnly ? [] : mailbox.permanentFlags === 'any' ? [...this.#flags] : mailbox.permanentFlags;
    const list = flagList(permanent);
    const star = mailbox.isReadOnly || mailbox.permanentFlags !== 'any' ? list : list.replace(/\)$/, String.raw` \*)`);
    this.#out.text(`* OK [PERMANENTFLAGS ${star}] Flags that can be changed\r\n`);
  }

  /** The client has been told of it, or did not want to be (.SILENT). */
  tookPart(modSeq: ModSeq): void {
    this.#own.add(modSeq);
  }

  /**
   * The UIDs that a command means. Sequence numbers beyond the last one are an error of the client (RFC 9051 9 seq-number), UIDs that are not there are none.
   * @throws SyntaxFault
   */
  rangesOf(set: SequenceSet, isUid: boolean): readonly UidRange[] {
    if (set === 'saved') return this.saved;
    const { size, lastUid } = this.#map;
    if (isUid) return clipRanges(resolveRanges(set, lastUid), lastUid);
    const numbers = resolveRanges(set, size);
    if ((numbers.at(-1)?.[1] ?? 0) > size) throw new SyntaxFault('There is no message with such a number');
    return this.#map.uidsOf(numbers);
  }

  /** Tells what is new. Without `mayExpunge` what is gone is kept for later. @throws MailboxGone */
  async sync(options: { readonly mayExpunge: boolean }): Promise<void> {
    const changes = await this.mailbox.changesSince(this.#modSeq);
    if (changes === 'gone') throw new MailboxGone('the mailbox is gone');
    this.#modSeq = changes.modSeq;
    for (const uid of this.#newlyGone(changes)) this.#gone.push(uid);
    if (options.mayExpunge) await this.#tellGone();
    await this.#tellChanged(changes);
    if (this.#gone.length === 0) this.#toldModSeq = this.#modSeq;
    this.#own.clear();
    if (this.#gone.length > 0 || !this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.#tellHighest('Highest');
  }

  /**
   * Before a command ends: numbers of changes behind an expunge that must wait have been told, and a client that kept the highest of them would not ask for
   * the expunge when it comes back. RFC 7162 6: this one it keeps, whatever it has seen. (Lower ones in the place of those would fail each UNCHANGEDSINCE.)
   */
  holdBack(): void {
    if (this.#gone.length === 0 || !this.#enabled.isQresync) return;
    this.#isHeldBack = true;
    this.#tellHighest('Keep this one, something has vanished');
  }

  /** `* n FETCH (...)` with the flags of these. */
  async tellFlags(rows: readonly MessageFlags[]): Promise<void> {
    this.#learnFlags(rows);
    for (const row of rows) {
      const number = this.#map.numberOf(row.uid);
      if (number > 0) this.#out.text(`* ${number} FETCH (UID ${row.uid} FLAGS ${flagList(row.flags)}${this.#modSeqOf(row)})\r\n`);
      if (this.#out.isFull) await this.#out.flush();
    }
  }

  /** RFC 7162 3.1.3: who has enabled CONDSTORE hears the new number even with .SILENT. */
  async tellNumbers(rows: readonly MessageFlags[]): Promise<void> {
    for (const row of rows) {
      const number = this.#map.numberOf(row.uid);
      if (number > 0) this.#out.text(`* ${number} FETCH (UID ${row.uid}${this.#modSeqOf(row)})\r\n`);
      if (this.#out.isFull) await this.#out.flush();
    }
  }

  #tellHighest(text: string): void {
    this.#out.text(`* OK [HIGHESTMODSEQ ${this.#toldModSeq}] ${text}\r\n`);
  }

  #modSeqOf(row: MessageFlags): string {
    return this.#enabled.isCondstore ? ` MODSEQ (${row.modSeq})` : '';
  }

  #newlyGone(changes: MailboxChanges): readonly number[] {
    if ('vanished' in changes) return changes.vanished.filter((uid) => this.#map.numberOf(uid) > 0);
    const waiting = new Set(this.#gone);
    return this.#map.uidsNotIn(new SequenceMap(changes.there)).filter((uid) => !waiting.has(uid));
  }

  async #tellGone(): Promise<void> {
    if (this.#gone.length === 0) return;
    const gone = this.#gone.sort((one, other) => one - other);
    this.#gone = [];
    const before = this.#map;
    this.#map = before.without(gone);
    // RFC 7162 3.2.10: after ENABLE QRESYNC there is no EXPUNGE any more.
    if (this.#enabled.isQresync) return this.#out.text(`* VANISHED ${formatSet(gone)}\r\n`);
    for (const [index, uid] of gone.entries()) {
      // Each one moves those behind it down by one.
      this.#out.text(`* ${before.numberOf(uid) - index} EXPUNGE\r\n`);
      if (this.#out.isFull) await this.#out.flush();
    }
  }

  async #tellChanged({ changed }: MailboxChanges): Promise<void> {
    const { size } = this.#map;
    const told: MessageFlags[] = [];
    for (const row of changed) {
      if (this.#map.numberOf(row.uid) > 0) {
        if (!this.#own.has(row.modSeq)) told.push(row);
      } else if (row.uid > this.#map.lastUid) this.#map.append(row.uid);
    }
    if (this.#map.size > size) this.#out.text(`* ${this.#map.size} EXISTS\r\n`);
    await this.tellFlags(told);
  }

  #learnFlags(rows: readonly MessageFlags[]): void {
    let flags: Set<Flag> | undefined;
    for (const row of rows) {
      for (const flag of row.flags) if (!this.#flags.has(flag)) (flags ??= new Set(this.#flags)).add(flag);
    }
    if (flags === undefined) return;
    this.#flags = flags;
    this.tellFlagsInUse();
  }
}
