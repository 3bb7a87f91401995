import { buffer } from 'node:stream/consumers';
import { asId, type ModSeq } from '@stopgap/core';
import type { Append, ImapSession, MailboxStatus, OpenedMailbox } from '@stopgap/imap-server';
import { appendToFake } from '@stopgap/testkit';
import type { NumberedMailbox } from './numbered-mailbox.ts';
import type { PracticeMail } from './practice-mail.ts';
import { useOf } from './practice-mail.ts';
import { SelectedPracticeMailbox } from './selected-mailbox.ts';

/** Of one message; the relay's own default. */
const LARGEST_BYTES = 50 * 1024 * 1024;

/** One connection to the practice provider's IMAP server: the seam of package imap-server on the storage of its webmail. */
export function practiceSession(mail: PracticeMail): ImapSession {
  return {
    appendLimitBytes: LARGEST_BYTES,
    async list() {
      return mail.all().map(([name, numbered]) => {
        const use = useOf(name, numbered);
        return { name, ...(use === undefined ? {} : { use }), isSubscribed: numbered.mailbox.isSubscribed, status: statusOf(numbered) };
      });
    },
    async status(name) {
      const found = mail.find(name);
      return found && statusOf(found);
    },
    async deletedIn(name) {
      const marked = mail.named(name).mailbox.messages.filter(({ flags }) => flags.has('$deleted'));
      return { messages: marked.length, sizeBytes: marked.reduce((sum, { raw }) => sum + raw.length, 0) };
    },
    async create(name) {
      return { mailboxId: mail.create(name.replace(/\/$/, '')).id };
    },
    async delete(name) {
      mail.delete(name);
    },
    async rename(from, to) {
      mail.rename(from, to);
    },
    async subscribe(name, isSubscribed) {
      mail.named(name).mailbox.isSubscribed = isSubscribed;
    },
    async append(name) {
      return append(mail.named(name));
    },
    async open(name, { isReadOnly }): Promise<OpenedMailbox> {
      const numbered = mail.named(name);
      const modSeq = numbered.look();
      const { messages, nextUid } = numbered.mailbox;
      const firstUnseen = messages.find(({ flags }) => !flags.has('$seen'))?.uid;
      return {
        mailbox: new SelectedPracticeMailbox({ mail, name, numbered, isReadOnly }),
        snapshot: {
          uids: Uint32Array.from(messages, ({ uid }) => uid),
          uidNext: nextUid,
          modSeq,
          highestModSeq: modSeq,
          keywords: [],
          ...(firstUnseen === undefined ? {} : { firstUnseen }),
        },
      };
    },
    close: () => undefined,
  };
}

function append(numbered: NumberedMailbox): Append {
  const staged: { readonly raw: Buffer; readonly flags: readonly string[]; readonly receivedAtMs: number }[] = [];
  return {
    async add({ bytes, flags, receivedAtMs = Date.now() }) {
      staged.push({ raw: await buffer(bytes), flags, receivedAtMs });
    },
    async commit() {
      const uids = staged.map(({ raw, ...more }) => asId.uid(appendToFake(numbered.mailbox, raw, more).uid));
      return { uidValidity: numbered.uidValidity, uids };
    },
    async abort() {
      staged.length = 0;
    },
  };
}

function statusOf(numbered: NumberedMailbox): MailboxStatus {
  const highestModSeq: ModSeq = numbered.look();
  const { messages, nextUid } = numbered.mailbox;
  return {
    mailboxId: numbered.id,
    messages: messages.length,
    unseen: messages.filter(({ flags }) => !flags.has('$seen')).length,
    uidNext: nextUid,
    uidValidity: numbered.uidValidity,
    highestModSeq,
    sizeBytes: messages.reduce((sum, { raw }) => sum + raw.length, 0),
  };
}
