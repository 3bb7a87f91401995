import type { ModSeq, Uid } from '@stopgap/core';
import { asId, normalFlags, type Flag } from '@stopgap/core';
import type { FakeMailbox, FakeMessage } from '@stopgap/testkit';

/** The webmail changes a mailbox without a word; this is how long that may go unnoticed. */
const LOOK_EVERY_MS = 250;

interface Known {
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
}

/**
 * A mailbox of the webmail's storage with the numbers that IMAP wants (RFC 7162). What has changed is found by comparison whenever somebody asks, and gets
 * its number then: one for everything that is found at once.
 */
export class NumberedMailbox {
  readonly mailbox: FakeMailbox;
  readonly uidValidity: number;
  readonly #known = new Map<number, Known>();
  readonly #vanished: { readonly uid: Uid; readonly modSeq: ModSeq }[] = [];
  #modSeq = 1;

  constructor(mailbox: FakeMailbox, uidValidity: number) {
    this.mailbox = mailbox;
    this.uidValidity = uidValidity;
  }

  get id(): string {
    return `F${this.uidValidity}`;
  }

  /** The number of the last change there was. */
  look(): ModSeq {
    const next = this.#modSeq + 1;
    const number = asId.modSeq(next);
    const there = new Set<number>();
    for (const { uid, flags } of this.mailbox.messages) {
      there.add(uid);
      const known = this.#known.get(uid);
      const now = normalFlags(flags);
      if (known !== undefined && known.flags.join(' ') === now.join(' ')) continue;
      this.#known.set(uid, { flags: now, modSeq: number });
      this.#modSeq = next;
    }
    for (const uid of this.#known.keys()) {
      if (there.has(uid)) continue;
      this.#known.delete(uid);
      this.#vanished.push({ uid: asId.uid(uid), modSeq: number });
      this.#modSeq = next;
    }
    return asId.modSeq(this.#modSeq);
  }

  flagsOf({ uid, flags }: FakeMessage): { readonly uid: Uid; readonly flags: readonly Flag[]; readonly modSeq: ModSeq } {
    const known = this.#known.get(uid);
    return { uid: asId.uid(uid), flags: known?.flags ?? normalFlags(flags), modSeq: known?.modSeq ?? asId.modSeq(this.#modSeq) };
  }

  /** Ascending. */
  vanishedSince(since: ModSeq): Uid[] {
    return this.#vanished
      .filter(({ modSeq }) => modSeq > since)
      .map(({ uid }) => uid)
      .toSorted((one, other) => one - other);
  }

  async waitForChange(since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    while (!signal.aborted) {
      const now = this.look();
      if (now > since) return now;
      await pause(signal);
    }
    return since;
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, LOOK_EVERY_MS);
    signal.addEventListener('abort', end, { once: true });
  });
}
