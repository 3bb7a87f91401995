import { hashOf, type Copy } from '../../relay/index.ts';
import type { OpenBackDoor } from '../../lab/index.ts';
import { smallMessage } from '@stopgap/testkit/incoming-contract';

/** Other mailboxes than INBOX that mail is moved into. */
export const WORK = 'Work';
/** In one phase: more would be held by the mass-delete brake, which is another scenario's matter. */
const MOST_DELETED = 6;
const FLAGS = ['$seen', '$flagged', '$answered'] as const;

/** Another mail program that goes on with its work, whatever the relay is at: mail comes, is flagged, moved and deleted. Always the same, by its seed. */
export class Traffic {
  readonly #door: OpenBackDoor;
  readonly #random: () => number;
  readonly #hasTwins: boolean;
  #number = 0;
  #deleted = 0;
  #gone: Copy[] = [];
  #steps = 0;
  #isGoing = false;
  #going: Promise<void> = Promise.resolve();

  /** @param options hasTwins: now and then a message comes twice */
  constructor(door: OpenBackDoor, options: { readonly seed: number; readonly hasTwins: boolean }) {
    this.#door = door;
    this.#hasTwins = options.hasTwins;
    this.#random = seeded(options.seed);
  }

  get steps(): number {
    return this.#steps;
  }

  /** Copies that left their mailbox since the last call. */
  takeGone(): readonly Copy[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }

  begin(): void {
    this.#isGoing = true;
    this.#deleted = 0;
    this.#steps = 0;
    this.#going = this.#go();
  }

  async end(): Promise<void> {
    this.#isGoing = false;
    await this.#going;
  }

  /** @param copies of one and the same message */
  async deliver(mailbox: string, copies = 1): Promise<void> {
    const bytes = smallMessage(`traffic-${(this.#number += 1)}`, `Nachricht ${this.#number}\r\n`.repeat(1 + (this.#number % 9)));
    for (let copy = 0; copy < copies; copy += 1) await this.#door.append([mailbox], { bytes, flags: copy % 2 === 0 ? [] : ['$seen'] });
  }

  async #go(): Promise<void> {
    while (this.#isGoing) {
      await this.#step();
      this.#steps += 1;
    }
  }

  async #step(): Promise<void> {
    const inbox = await this.#door.messages(['INBOX']);
    const place = Math.floor(this.#random() * inbox.length);
    const what = this.#random();
    const mayDelete = this.#deleted < MOST_DELETED && inbox.length > 0;
    if (what < 0.3) await this.deliver('INBOX', what < 0.05 && this.#hasTwins ? 2 : 1);
    else if (what < 0.45) await this.deliver(WORK);
    else if (what < 0.6 && mayDelete) {
      this.#leaves(inbox[place]?.bytes);
      await this.#door.expunge(['INBOX'], [place]);
    } else if (what < 0.75 && mayDelete) {
      this.#leaves(inbox[place]?.bytes);
      await this.#move(place);
    } else if (inbox.length > 0) {
      const flag = FLAGS[Math.floor(this.#random() * FLAGS.length)] ?? '$seen';
      const isSet = inbox[place]?.flags.includes(flag) === true;
      await this.#door.changeFlags(['INBOX'], [place], isSet ? { add: [], remove: [flag] } : { add: [flag], remove: [] });
    }
  }

  async #move(place: number): Promise<void> {
    await this.#door.command('SELECT INBOX');
    const [found = ''] = (await this.#door.command('UID SEARCH ALL')).filter((line) => line.startsWith('* SEARCH'));
    await this.#door.command(`UID MOVE ${found.split(' ')[2 + place]} ${WORK}`);
    await this.#door.command('UNSELECT');
  }

  #leaves(bytes: Buffer | undefined): void {
    this.#deleted += 1;
    if (bytes) this.#gone.push({ mailbox: 'INBOX', hash: hashOf(bytes), flags: '' });
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
