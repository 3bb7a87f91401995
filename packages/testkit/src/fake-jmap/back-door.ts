import { normalFlags, type FlagChange } from '@stopgap/core';
import type { BackDoor, NewMessage, StoredMessage } from '../incoming-contract/world.ts';
import type { FakeEmail, FakeJmapAccount, FakeJmapMailbox } from './account.ts';

/** Straight into the mail of an account, as another program of the person's would do it. */
export function backDoorOf(account: FakeJmapAccount): BackDoor {
  const find = (path: readonly string[]): FakeJmapMailbox | undefined => {
    let at: FakeJmapMailbox | undefined;
    for (const part of path) {
      const parentId: string | null = at?.id ?? null;
      const name = at === undefined && part === 'INBOX' ? 'Inbox' : part;
      at = [...account.mailboxes.values()].find((one) => one.parentId === parentId && one.name === name);
      if (at === undefined) return undefined;
    }
    return at;
  };
  const demand = (path: readonly string[]): FakeJmapMailbox => {
    const found = find(path);
    if (found === undefined) throw new Error(`there is no ${path.join('/')}`);
    return found;
  };
  const make = (path: readonly string[]): FakeJmapMailbox => {
    const known = find(path);
    if (known !== undefined) return known;
    const parentId = path.length > 1 ? make(path.slice(0, -1)).id : null;
    return account.addMailbox({ name: path.at(-1) ?? '', parentId, role: null, isSubscribed: false });
  };
  const at = (path: readonly string[], places: readonly number[]): FakeEmail[] => {
    const all = account.inMailbox(demand(path).id);
    return places.flatMap((place) => all[place] ?? []);
  };
  const pathOf = (mailbox: FakeJmapMailbox): string[] => {
    const above = mailbox.parentId === null ? undefined : account.mailboxes.get(mailbox.parentId);
    return [...(above === undefined ? [] : pathOf(above)), mailbox.role === 'inbox' ? 'INBOX' : mailbox.name];
  };
  return {
    async append(path, { bytes, flags = [], receivedAtMs = Date.now() }: NewMessage) {
      account.addEmail({ raw: bytes, mailboxIds: new Set([demand(path).id]), keywords: new Set(flags), receivedAtMs });
    },
    async changeFlags(path, places, change: FlagChange) {
      for (const email of at(path, places)) {
        for (const flag of change.add) email.keywords.add(flag);
        for (const flag of change.remove) email.keywords.delete(flag);
        account.touch(email);
      }
    },
    async expunge(path, places) {
      for (const email of at(path, places)) account.destroyEmail(email.id);
    },
    async messages(path): Promise<readonly StoredMessage[]> {
      const mailbox = find(path);
      const emails = mailbox === undefined ? [] : account.inMailbox(mailbox.id);
      return emails.map(({ raw, keywords, receivedAtMs }) => ({ bytes: raw, flags: normalFlags(keywords), receivedAtMs }));
    },
    mailboxes: async () => [...account.mailboxes.values()].map((mailbox) => pathOf(mailbox).join('/')),
    async createMailbox(path) {
      make(path);
    },
    async renameMailbox(path, to) {
      const mailbox = demand(path);
      mailbox.parentId = to.length > 1 ? make(to.slice(0, -1)).id : null;
      mailbox.name = to.at(-1) ?? '';
    },
    async deleteMailbox(path) {
      account.removeMailbox(demand(path).id);
    },
  };
}
