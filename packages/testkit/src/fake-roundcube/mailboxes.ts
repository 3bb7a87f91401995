/** A person's storage as Roundcube sees it by IMAP. */
export interface FakeMessage {
  readonly uid: number;
  readonly raw: Buffer;
  /** Lower case, without backslash: seen, flagged, ... */
  readonly flags: Set<string>;
}

export interface FakeMailbox {
  readonly name: string;
  readonly role: string | undefined;
  nextUid: number;
  messages: FakeMessage[];
}

const ROLES: ReadonlyMap<string, string> = new Map([
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Junk', 'junk'],
  ['Trash', 'trash'],
]);

export type FakeStorage = Map<string, FakeMailbox>;

export function freshStorage(): FakeStorage {
  return new Map([...ROLES.keys()].map((name) => [name, freshMailbox(name)]));
}

export function freshMailbox(name: string): FakeMailbox {
  return { name, role: ROLES.get(name), nextUid: 1, messages: [] };
}

export function append(mailbox: FakeMailbox, raw: Buffer, flags: readonly string[] = []): FakeMessage {
  const message = { uid: mailbox.nextUid++, raw, flags: new Set(flags) };
  mailbox.messages.push(message);
  return message;
}

/** The few IMAP SEARCH keys that callers of a webmail use, all joined by AND. Undefined: not among them. */
export function search(mailbox: FakeMailbox, criterion: string): FakeMessage[] | undefined {
  let rest = criterion.trim();
  let found = mailbox.messages;
  while (rest !== '') {
    const word = /^(?:(UNFLAGGED|FLAGGED|UNSEEN|SEEN|ALL)|UID (\d+)(?::(\d+|\*))?|HEADER ([A-Za-z-]+) ([^\s"()]+))(?: +|$)/i.exec(rest);
    if (word === null) return undefined;
    rest = rest.slice(word[0].length);
    const [, flag, from, to, field, needle] = word;
    if (flag !== undefined) found = found.filter((message) => hasFlag(message, flag.toUpperCase()));
    else if (from !== undefined) found = found.filter((message) => message.uid >= Number(from) && message.uid <= upTo(from, to));
    else if (field !== undefined && needle !== undefined) found = found.filter((message) => headerHolds(message.raw, field, needle));
  }
  return found;
}

function upTo(from: string, to: string | undefined): number {
  if (to === undefined) return Number(from);
  return to === '*' ? Number.MAX_SAFE_INTEGER : Number(to);
}

function hasFlag(message: FakeMessage, key: string): boolean {
  if (key === 'ALL') return true;
  return key.startsWith('UN') ? !message.flags.has(key.slice(2).toLowerCase()) : message.flags.has(key.toLowerCase());
}

function headerHolds(raw: Buffer, field: string, needle: string): boolean {
  return headerFields(raw).some(([name, value]) => name === field.toLowerCase() && value.toLowerCase().includes(needle.toLowerCase()));
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
