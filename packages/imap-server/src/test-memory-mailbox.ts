import { MailError, sameFlags, withFlagChange, type ModSeq, type Uid } from '@stopgap/core';
import type {
  CopiedMessages,
  FetchWanted,
  FlagStore,
  MailboxChanges,
  MessageContent,
  MessageData,
  MessageFlags,
  SearchFound,
  SelectedMailbox,
  StoredFlags,
  UidRange,
} from './session.ts';
import type { SearchCriteria } from './search-criteria.ts';
import { copyInto, type MemoryFolder, type MemoryMail, type MemoryMessage } from './test-memory-mail.ts';
import { matches } from './test-memory-search.ts';
import { isInRanges } from './wire/sequence-set.ts';

const CHUNK_BYTES = 1000;

export class MemoryMailbox implements SelectedMailbox {
  readonly isReadOnly: boolean;
  readonly uidValidity: number;
  readonly #mail: MemoryMail;
  readonly #folder: MemoryFolder;

  constructor(mail: MemoryMail, folder: MemoryFolder, isReadOnly: boolean) {
    this.#mail = mail;
    this.#folder = folder;
    this.isReadOnly = isReadOnly;
    this.uidValidity = folder.uidValidity;
  }

  get permanentFlags(): SelectedMailbox['permanentFlags'] {
    return this.#folder.permanentFlags;
  }

  get name(): string {
    return this.#folder.name;
  }

  get mailboxId(): string {
    return this.#folder.id;
  }

  async changesSince(since: ModSeq): Promise<MailboxChanges | 'gone'> {
    if (this.#folder.isDeleted) return 'gone';
    const { modSeq: now } = this.#mail;
    const changed = this.#folder.messages.filter(({ modSeq }) => modSeq > since).map(flagsOf);
    if (since < this.#folder.forgottenModSeq) {
      return { modSeq: now, changed, there: Uint32Array.from(this.#folder.messages, ({ uid }) => uid) };
    }
    return {
      modSeq: now,
      changed,
      vanished: this.#folder.gone
        .filter(({ modSeq }) => modSeq > since)
        .map(({ uid }) => uid)
        .sort((one, other) => one - other),
    };
  }

  async waitForChange(since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    return await this.#mail.wait(since, signal);
  }

  async vanishedSince(since: ModSeq, ranges: readonly UidRange[]): Promise<readonly Uid[] | 'forgotten'> {
    if (since < this.#folder.forgottenModSeq) return 'forgotten';
    return this.#folder.gone
      .filter(({ uid, modSeq }) => modSeq > since && isInRanges(ranges, uid))
      .map(({ uid }) => uid)
      .sort((one, other) => one - other);
  }

  async *fetch(ranges: readonly UidRange[], wanted: FetchWanted): AsyncGenerator<readonly MessageData[]> {
    this.#mail.fetches += 1;
    const { pageSize } = this.#mail;
    const found = this.#in(ranges).filter(({ modSeq }) => modSeq > (wanted.changedSince ?? -1));
    for (let at = 0; at < found.length; at += pageSize) {
      // Between two pages the world goes on.
      await Promise.resolve();
      yield found
        .slice(at, at + pageSize)
        .filter((message) => this.#folder.messages.includes(message))
        .map((message) => this.#data(message, wanted));
    }
  }

  async content(uid: Uid): Promise<MessageContent | undefined> {
    if (this.#mail.unavailable.has(uid)) {
      throw new MailError('transient', 'provider down', { code: 'body-unavailable', reply: 'the provider can not be reached now' });
    }
    const message = this.#folder.messages.find((one) => one.uid === uid);
    return message && contentOf(message, { isAtHand: false, isBroken: this.#mail.broken.has(uid) });
  }

  async store(
    ranges: readonly UidRange[],
    change: FlagStore,
    { unchangedSince }: { readonly unchangedSince?: ModSeq },
  ): Promise<StoredFlags> {
    const modified: Uid[] = [];
    const changed: StoredFlags['changed'][number][] = [];
    let modSeq: ModSeq | undefined;
    for (const message of this.#in(ranges)) {
      if (unchangedSince !== undefined && message.modSeq > unchangedSince) {
        modified.push(message.uid);
        continue;
      }
      const flags = change.kind === 'replace' ? change.flags : withFlagChange(message.flags, change.change);
      if (sameFlags(flags, message.flags)) continue;
      modSeq ??= this.#mail.changed();
      const { modSeq: modSeqBefore } = message;
      message.flags = flags;
      message.modSeq = modSeq;
      changed.push({ ...flagsOf(message), modSeqBefore });
    }
    this.#mail.wake();
    return { changed, modified };
  }

  async copy(ranges: readonly UidRange[], target: string): Promise<CopiedMessages> {
    const copied = copyInto(this.#mail, this.#mail.folder(target), this.#in(ranges));
    this.#mail.wake();
    return copied;
  }

  async move(ranges: readonly UidRange[], target: string): Promise<CopiedMessages> {
    const folder = this.#mail.folder(target);
    const messages = this.#in(ranges);
    const moved = copyInto(this.#mail, folder, messages);
    this.#mail.remove(this.#folder, moved.from, this.#mail.modSeq);
    this.#mail.wake();
    return moved;
  }

  async expunge(ranges: readonly UidRange[] | undefined): Promise<void> {
    const marked = (ranges === undefined ? this.#folder.messages : this.#in(ranges)).filter(({ flags }) => flags.includes('$deleted'));
    if (marked.length === 0) return;
    this.#mail.remove(
      this.#folder,
      marked.map(({ uid }) => uid),
      this.#mail.changed(),
    );
    this.#mail.wake();
  }

  async search(criteria: SearchCriteria): Promise<SearchFound> {
    return { uids: this.#folder.messages.filter((message) => matches(criteria, message)).map(({ uid }) => uid), isComplete: true };
  }

  close(): void {
    // Nothing is held.
  }

  #in(ranges: readonly UidRange[]): MemoryMessage[] {
    return this.#folder.messages.filter(({ uid }) => isInRanges(ranges, uid));
  }

  #data(message: MemoryMessage, wanted: FetchWanted): MessageData {
    const { digest } = message;
    const { isContentAtHand, unavailable, broken } = this.#mail;
    const isAtHand = wanted.content !== undefined && isContentAtHand && !unavailable.has(message.uid) && !broken.has(message.uid);
    return {
      ...flagsOf(message),
      ...(wanted.detail !== 'flags' && {
        row: {
          receivedAtMs: message.receivedAtMs,
          savedAtMs: message.savedAtMs,
          sizeBytes: message.bytes.length,
          emailId: message.emailId,
          threadId: `T${message.emailId}`,
        },
      }),
      ...(wanted.detail === 'view' && {
        view: { envelope: () => digest.envelope, structure: () => digest.structure, preview: digest.preview },
      }),
      ...(isAtHand && { content: contentOf(message, { isAtHand: true, isBroken: false }) }),
    };
  }
}

function flagsOf({ uid, flags, modSeq }: MemoryMessage): MessageFlags {
  return { uid, flags, modSeq };
}

function contentOf(
  { bytes, digest }: MemoryMessage,
  { isAtHand, isBroken }: { readonly isAtHand: boolean; readonly isBroken: boolean },
): MessageContent {
  return {
    sizeBytes: bytes.length,
    ...(isAtHand && { bytes }),
    structure: () => digest.structure,
    async *open(start, end) {
      if (isBroken) throw new Error('the disk is broken');
      for (let at = start; at < end; at += CHUNK_BYTES) yield bytes.subarray(at, Math.min(end, at + CHUNK_BYTES));
    },
  };
}
