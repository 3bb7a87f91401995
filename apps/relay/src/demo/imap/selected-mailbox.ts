import { asId, normalFlags, sameFlags, withFlagChange, type ModSeq, type Uid } from '@stopgap/core';
import type {
  CopiedMessages,
  FetchWanted,
  FlagStore,
  MailboxChanges,
  MessageContent,
  MessageData,
  SearchCriteria,
  SearchFound,
  SelectedMailbox,
  StoredFlags,
  UidRange,
} from '@stopgap/imap-server';
import { appendToFake, type FakeMessage } from '@stopgap/testkit';
import { matches } from './matches.ts';
import type { NumberedMailbox } from './numbered-mailbox.ts';
import type { PracticeMail } from './practice-mail.ts';

const PAGE = 100;
const CHUNK_BYTES = 64 * 1024;

interface Selected {
  readonly mail: PracticeMail;
  readonly name: string;
  readonly numbered: NumberedMailbox;
  readonly isReadOnly: boolean;
}

/** An open mailbox of the practice provider. */
export class SelectedPracticeMailbox implements SelectedMailbox {
  readonly name: string;
  readonly mailboxId: string;
  readonly uidValidity: number;
  readonly isReadOnly: boolean;
  readonly permanentFlags = 'any';
  readonly #mail: PracticeMail;
  readonly #numbered: NumberedMailbox;

  constructor({ mail, name, numbered, isReadOnly }: Selected) {
    this.name = name;
    this.mailboxId = numbered.id;
    this.uidValidity = numbered.uidValidity;
    this.isReadOnly = isReadOnly;
    this.#mail = mail;
    this.#numbered = numbered;
  }

  async changesSince(since: ModSeq): Promise<MailboxChanges | 'gone'> {
    if (!this.#mail.all().some(([, numbered]) => numbered === this.#numbered)) return 'gone';
    const modSeq = this.#numbered.look();
    const changed = this.#messages.map((one) => this.#numbered.flagsOf(one)).filter((one) => one.modSeq > since);
    return { modSeq, changed, vanished: this.#numbered.vanishedSince(since) };
  }

  async waitForChange(since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    return await this.#numbered.waitForChange(since, signal);
  }

  async vanishedSince(since: ModSeq, ranges: readonly UidRange[]): Promise<readonly Uid[]> {
    this.#numbered.look();
    return this.#numbered.vanishedSince(since).filter((uid) => isIn(ranges, uid));
  }

  async *fetch(ranges: readonly UidRange[], wanted: FetchWanted): AsyncGenerator<readonly MessageData[]> {
    this.#numbered.look();
    const found = this.#in(ranges).filter((one) => this.#numbered.flagsOf(one).modSeq > (wanted.changedSince ?? -1));
    for (let at = 0; at < found.length; at += PAGE)
      yield found
        .slice(at, at + PAGE)
        .filter((one) => this.#messages.includes(one))
        .map((one) => this.#data(one, wanted));
  }

  async content(uid: Uid): Promise<MessageContent | undefined> {
    const found = this.#messages.find((one) => one.uid === uid);
    return found && this.#contentOf(found);
  }

  async store(
    ranges: readonly UidRange[],
    change: FlagStore,
    { unchangedSince }: { readonly unchangedSince?: ModSeq },
  ): Promise<StoredFlags> {
    this.#numbered.look();
    const isLater = (one: FakeMessage): boolean => unchangedSince !== undefined && this.#numbered.flagsOf(one).modSeq > unchangedSince;
    const chosen = this.#in(ranges);
    const before = new Map(chosen.map((one) => [one, this.#numbered.flagsOf(one).modSeq]));
    const modified = chosen.filter(isLater);
    const changed = chosen.filter((one) => {
      if (modified.includes(one)) return false;
      const flags = normalFlags(one.flags);
      const after = normalFlags(change.kind === 'replace' ? change.flags : withFlagChange(flags, change.change));
      if (sameFlags(flags, after)) return false;
      one.flags.clear();
      for (const flag of after) one.flags.add(flag);
      return true;
    });
    this.#numbered.look();
    const stored = (one: FakeMessage) => ({ ...this.#numbered.flagsOf(one), modSeqBefore: before.get(one) ?? asId.modSeq(0) });
    return { changed: changed.map(stored), modified: modified.map(({ uid }) => asId.uid(uid)) };
  }

  async copy(ranges: readonly UidRange[], target: string): Promise<CopiedMessages> {
    return this.#copy(this.#in(ranges), target);
  }

  async move(ranges: readonly UidRange[], target: string): Promise<CopiedMessages> {
    const moved = this.#in(ranges);
    const copied = this.#copy(moved, target);
    this.#remove(moved);
    return copied;
  }

  async expunge(ranges: readonly UidRange[] | undefined): Promise<void> {
    this.#remove((ranges === undefined ? this.#messages : this.#in(ranges)).filter(({ flags }) => flags.has('$deleted')));
  }

  async search(criteria: SearchCriteria): Promise<SearchFound> {
    this.#numbered.look();
    const uids = this.#messages
      .filter((one) => {
        const { flags, modSeq } = this.#numbered.flagsOf(one);
        const digest = (): ReturnType<PracticeMail['digest']> => this.#mail.digest(one.raw);
        return matches(criteria, { ...one, flags, modSeq, digest, emailId: () => this.#mail.emailId(one.raw) });
      })
      .map(({ uid }) => asId.uid(uid));
    return { uids, isComplete: true };
  }

  close(): void {
    // Nothing is held.
  }

  get #messages(): readonly FakeMessage[] {
    return this.#numbered.mailbox.messages;
  }

  #in(ranges: readonly UidRange[]): FakeMessage[] {
    return this.#messages.filter(({ uid }) => isIn(ranges, uid));
  }

  #copy(chosen: readonly FakeMessage[], name: string): CopiedMessages {
    const target = this.#mail.named(name);
    const to = chosen.map(({ raw, flags, receivedAtMs }) => asId.uid(appendToFake(target.mailbox, raw, { flags, receivedAtMs }).uid));
    return { uidValidity: target.uidValidity, from: chosen.map(({ uid }) => asId.uid(uid)), to };
  }

  #remove(gone: readonly FakeMessage[]): void {
    this.#numbered.mailbox.messages = this.#messages.filter((one) => !gone.includes(one));
  }

  #data(one: FakeMessage, wanted: FetchWanted): MessageData {
    const { raw, receivedAtMs } = one;
    const row = { receivedAtMs, sizeBytes: raw.length, emailId: this.#mail.emailId(raw) };
    const digest = wanted.detail === 'view' ? this.#mail.digest(raw) : undefined;
    return {
      ...this.#numbered.flagsOf(one),
      ...(wanted.detail === 'flags' ? {} : { row }),
      ...(digest ? { view: { envelope: () => digest.envelope, structure: () => digest.structure, preview: digest.preview } } : {}),
      ...(wanted.content !== undefined ? { content: this.#contentOf(one) } : {}),
    };
  }

  #contentOf({ raw }: FakeMessage): MessageContent {
    return {
      sizeBytes: raw.length,
      bytes: raw,
      structure: () => this.#mail.digest(raw).structure,
      async *open(start, end) {
        for (let at = start; at < end; at += CHUNK_BYTES) yield raw.subarray(at, Math.min(end, at + CHUNK_BYTES));
      },
    };
  }
}

function isIn(ranges: readonly UidRange[], uid: number): boolean {
  return ranges.some(([first, last]) => uid >= first && uid <= last);
}
