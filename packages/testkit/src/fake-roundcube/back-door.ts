import type { BackDoor } from '../incoming-contract/world.ts';
import type { FakeRoundcube } from './fake-roundcube.ts';
import { append, DELIMITER, freshMailbox, type FakeMailbox, type FakeMessage } from './mailboxes.ts';
import { fromModifiedUtf7, toModifiedUtf7 } from './modified-utf7.ts';

/** Into a person's storage behind the fake webmail. */
export function fakeBackDoor(webmail: Pick<FakeRoundcube, 'storage'>, address: string): BackDoor {
  const storage = webmail.storage(address);
  const nameOf = (path: readonly string[]): string => path.map(toModifiedUtf7).join(DELIMITER);
  const at = (path: readonly string[]): FakeMailbox => {
    const found = storage.get(nameOf(path));
    if (found === undefined) throw new Error(`there is no ${path.join('/')}`);
    return found;
  };
  const chosen = (path: readonly string[], places: readonly number[]): FakeMessage[] =>
    places.map((place) => {
      const found = at(path).messages[place];
      if (found === undefined) throw new Error(`no message at place ${place}`);
      return found;
    });
  return {
    async append(path, { bytes, flags = [], receivedAtMs }) {
      append(at(path), bytes, { flags, ...(receivedAtMs === undefined ? {} : { receivedAtMs }) });
    },
    async changeFlags(path, places, change) {
      for (const { flags } of chosen(path, places)) {
        for (const flag of change.remove) flags.delete(flag);
        for (const flag of change.add) flags.add(flag);
      }
    },
    async expunge(path, places) {
      const gone = chosen(path, places);
      const mailbox = at(path);
      mailbox.messages = mailbox.messages.filter((one) => !gone.includes(one));
    },
    async messages(path) {
      const messages = storage.get(nameOf(path))?.messages ?? [];
      return messages.map((one) => ({ bytes: one.raw, flags: [...one.flags].toSorted(), receivedAtMs: one.receivedAtMs }));
    },
    mailboxes: async () => [...storage.keys()].map(fromModifiedUtf7),
    async createMailbox(path) {
      const name = nameOf(path);
      storage.set(name, freshMailbox(name, false));
    },
    async renameMailbox(path, to) {
      const mailbox = at(path);
      storage.delete(mailbox.name);
      mailbox.name = nameOf(to);
      storage.set(mailbox.name, mailbox);
    },
    async deleteMailbox(path) {
      storage.delete(at(path).name);
    },
  };
}
