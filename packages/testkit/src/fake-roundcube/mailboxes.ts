/** A person's storage as Roundcube sees it by IMAP. */
export interface FakeMessage {
  readonly uid: number;
  readonly raw: Buffer;
  /** As everywhere here: `$seen`, `$forwarded`, words of the user's. */
  readonly flags: Set<string>;
  readonly receivedAtMs: number;
}

export interface FakeMailbox {
  /** In modified UTF-7. */
  name: string;
  readonly role: string | undefined;
  isSubscribed: boolean;
  nextUid: number;
  messages: FakeMessage[];
}

/** What the person has chosen in the webmail, and what a request may change for good. */
export interface FakePreferences {
  pageSize: number;
  isThreaded: boolean;
  /** Hides messages that are marked deleted. */
  skipDeleted: boolean;
  sort: string;
  /** Parameters of requests that were kept as the person's own wish. */
  readonly kept: string[];
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Junk', 'junk'],
  ['Trash', 'trash'],
]);
export const DELIMITER = '/';

export type FakeStorage = Map<string, FakeMailbox>;

export function freshStorage(): FakeStorage {
  return new Map([...ROLES.keys()].map((name) => [name, freshMailbox(name)]));
}

export function freshPreferences(): FakePreferences {
  return { pageSize: 50, isThreaded: false, skipDeleted: false, sort: 'DESC', kept: [] };
}

export function freshMailbox(name: string, isSubscribed = true): FakeMailbox {
  return { name, role: ROLES.get(name), isSubscribed, nextUid: 1, messages: [] };
}

export function append(
  mailbox: FakeMailbox,
  raw: Buffer,
  more: { readonly flags?: Iterable<string>; readonly receivedAtMs?: number } = {},
): FakeMessage {
  const message = { uid: mailbox.nextUid++, raw, flags: new Set(more.flags ?? []), receivedAtMs: more.receivedAtMs ?? Date.now() };
  mailbox.messages.push(message);
  return message;
}

export function headerFields(raw: Buffer): [name: string, value: string][] {
  const text = headOf(raw).replace(/\r\n[ \t]+/g, ' ');
  return text.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
  });
}

export function headOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  return raw.subarray(0, end === -1 ? raw.length : end).toString('latin1');
}
