/*
 * What mail programs at the IMAP door know of their messages. Each message has the places where it may be: one, as long as every command about it was
 * answered, two after a command whose answer never came. And every UID that was ever told means one message, for ever.
 */

/** A mailbox; undefined: in none. */
export type Place = string | undefined;

export interface Numbered {
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uid: number;
}

export interface Seen extends Numbered {
  /** Its subject. */
  readonly name: string;
  readonly hash: string;
}

interface Entry {
  readonly hash: string;
  places: readonly Place[];
}

export class DoorLedger {
  readonly faults: string[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #names = new Map<string, string>();
  /** Each is one command that adds several: all or none (RFC 3502 6.3.11). */
  readonly #adding = new Set<readonly string[]>();
  #open = 0;
  #answered = 0;
  #cutOff = 0;

  /** Commands that got their OK. */
  get answered(): number {
    return this.#answered;
  }

  /** Commands under which the relay died. */
  get cutOff(): number {
    return this.#cutOff;
  }

  adding(messages: readonly { readonly name: string; readonly hash: string }[], mailbox: string): void {
    for (const { name, hash } of messages) this.#entries.set(name, { hash, places: [undefined, mailbox] });
    this.#adding.add(messages.map(({ name }) => name));
    this.#open += 1;
  }

  moving(names: readonly string[], to: Place): void {
    for (const name of names) this.#change(name, (places) => [...places, to]);
    this.#open += 1;
  }

  /** The tagged OK. */
  done(names: readonly string[], place: Place): void {
    for (const name of names) this.#change(name, () => [place]);
    for (const group of this.#adding) if (group.some((name) => names.includes(name))) this.#adding.delete(group);
    this.#open -= 1;
    this.#answered += 1;
  }

  /** What APPENDUID, COPYUID or FETCH said. */
  numbered(name: string, { mailbox, uidValidity, uid }: Numbered): void {
    const key = `${mailbox} ${uidValidity} ${uid}`;
    const before = this.#names.get(key);
    if (before !== undefined && before !== name) this.faults.push(`UID ${key} was ${before} and is now ${name}`);
    this.#names.set(key, name);
  }

  /** The highest UID that was told of a mailbox. */
  highest(mailbox: string, uidValidity: number): number {
    const start = `${mailbox} ${uidValidity} `;
    return Math.max(0, ...[...this.#names.keys()].filter((key) => key.startsWith(start)).map((key) => Number(key.slice(start.length))));
  }

  /** Everything that is there after a restart; from now on that is what is known. */
  compare(all: readonly Seen[]): void {
    const found = Map.groupBy(all, ({ name }) => name);
    for (const one of all) this.numbered(one.name, one);
    for (const name of found.keys()) if (!this.#entries.has(name)) this.faults.push(`${name} was never added`);
    for (const [name, entry] of this.#entries) this.faults.push(...faultsOf(name, entry, found.get(name) ?? []));
    for (const names of this.#adding) {
      const there = names.filter((name) => found.has(name));
      if (there.length > 0 && there.length < names.length) this.faults.push(`of ${names.join(' ')} only ${there.join(' ')} is there`);
    }
    for (const [name, entry] of this.#entries) entry.places = [found.get(name)?.[0]?.mailbox];
    this.#adding.clear();
    this.#cutOff += this.#open;
    this.#open = 0;
  }

  #change(name: string, places: (before: readonly Place[]) => readonly Place[]): void {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`${name} is not in the ledger`);
    entry.places = places(entry.places);
  }
}

function faultsOf(name: string, { places, hash }: Entry, copies: readonly Seen[]): string[] {
  const faults: string[] = [];
  const where = copies.map(({ mailbox }) => mailbox);
  if (copies.length > 1) faults.push(`${name} is there ${copies.length} times: ${where.join(' ')}`);
  else if (!places.includes(where[0]))
    faults.push(`${name} is in ${where[0] ?? 'none'} and should be in ${places.map((one) => one ?? 'none').join(' or ')}`);
  if (copies.some((copy) => copy.hash !== hash)) faults.push(`${name} is not whole`);
  return faults;
}
