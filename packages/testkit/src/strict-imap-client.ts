/* A client that believes every word and checks that they fit together: sequence numbers, UIDs and flags of one mailbox as RFC 9051 lets a client count. */
import type { ImapTalk } from './imap-talk.ts';

interface Known {
  uid: number | undefined;
  flags: string | undefined;
}

/** EXPUNGE must not come in their answers (RFC 9051 7.5.1). */
const KEEP_NUMBERS = /^(?:FETCH|STORE|SEARCH|SORT|THREAD) /;

export class StrictImapClient {
  readonly talk: ImapTalk;
  readonly violations: string[] = [];
  readonly #bodies = new Map<number, string>();
  #messages: Known[] = [];
  #isKeeping = false;

  constructor(talk: ImapTalk) {
    this.talk = talk;
  }

  get count(): number {
    return this.#messages.length;
  }

  /** `uid flags`; undefined where nothing was told yet. */
  view(): (string | undefined)[] {
    return this.#messages.map(({ uid, flags }) => (uid === undefined || flags === undefined ? undefined : `${uid} ${flags}`));
  }

  uidOf(number: number): number | undefined {
    return this.#messages[number - 1]?.uid;
  }

  async select(text: string): Promise<string> {
    const tag = this.talk.begin(text);
    this.#messages = [];
    return await this.finish(tag, text);
  }

  /** The tagged answer. */
  async run(text: string): Promise<string> {
    const tag = this.talk.begin(text);
    return await this.finish(tag, text);
  }

  async finish(tag: string, text: string): Promise<string> {
    this.#isKeeping = KEEP_NUMBERS.test(text);
    for (;;) {
      const line = await this.talk.line();
      if (line.startsWith(`${tag} `)) return line.slice(tag.length + 1);
      this.#take(line);
    }
  }

  /** Sends all of them before it reads an answer. */
  async runTogether(texts: readonly string[]): Promise<string[]> {
    const begun = texts.map((text) => ({ tag: this.talk.begin(text), text }));
    const answers: string[] = [];
    for (const { tag, text } of begun) answers.push(await this.finish(tag, text));
    return answers;
  }

  /** APPEND with its literal. */
  async append(mailbox: string, message: string): Promise<string> {
    return await this.run(`APPEND ${mailbox} {${message.length}+}\r\n${message}`);
  }

  /** IDLE until `while_` is done. */
  async idle(while_: () => Promise<void>): Promise<string> {
    const tag = this.talk.begin('IDLE');
    await while_();
    this.talk.send('DONE\r\n');
    return await this.finish(tag, 'IDLE');
  }

  #take(line: string): void {
    const exists = /^\* (\d+) EXISTS$/.exec(line);
    const expunge = /^\* (\d+) EXPUNGE$/.exec(line);
    const vanished = /^\* VANISHED (?!\(EARLIER\))(\S+)$/.exec(line);
    const fetch = /^\* (\d+) FETCH \((.*)\)$/s.exec(line);
    if (exists) this.#exists(Number(exists[1]));
    else if (expunge) this.#expunge(Number(expunge[1]));
    else if (vanished) this.#vanished(vanished[1] ?? '');
    else if (fetch) this.#fetch(Number(fetch[1]), fetch[2] ?? '');
  }

  #exists(count: number): void {
    if (count < this.count) this.violations.push(`EXISTS ${count} after ${this.count}`);
    while (this.count < count) this.#messages.push({ uid: undefined, flags: undefined });
  }

  #expunge(number: number): void {
    if (this.#isKeeping) this.violations.push('EXPUNGE inside a command that speaks of numbers');
    if (number < 1 || number > this.count) this.violations.push(`EXPUNGE ${number} of ${this.count}`);
    this.#messages.splice(number - 1, 1);
  }

  #vanished(set: string): void {
    if (this.#isKeeping) this.violations.push('VANISHED inside a command that speaks of numbers');
    for (const part of set.split(',')) {
      const [first, last = first] = part.split(':').map(Number);
      for (let uid = first ?? 0; uid <= (last ?? 0); uid += 1) {
        const at = this.#placeOf(uid);
        if (at >= 0) this.#messages.splice(at, 1);
        else this.violations.push(`VANISHED ${uid}, which is not known`);
      }
    }
  }

  /** Where it is; one that has not been asked for yet is among the unknown ones between its neighbours. */
  #placeOf(uid: number): number {
    const known = this.#messages.findIndex((one) => one.uid === uid);
    if (known >= 0) return known;
    const after = this.#messages.findLastIndex((one) => one.uid !== undefined && one.uid < uid);
    return this.#messages[after + 1]?.uid === undefined && after + 1 < this.count ? after + 1 : -1;
  }

  #fetch(number: number, items: string): void {
    const message = this.#messages[number - 1];
    if (message === undefined) return void this.violations.push(`FETCH ${number} of ${this.count}`);
    const uid = /\bUID (\d+)/.exec(items)?.[1];
    if (uid !== undefined) {
      if (message.uid !== undefined && message.uid !== Number(uid))
        this.violations.push(`${number} was UID ${message.uid} and is now ${uid}`);
      message.uid = Number(uid);
      this.#expectBetweenNeighbours(number, message.uid);
      this.#expectSameBody(message.uid, items);
    }
    const flags = /FLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (flags !== undefined) message.flags = flags.split(' ').toSorted().join(' ');
    return undefined;
  }

  /** RFC 9051 2.3.1.1: UIDs ascend. */
  #expectBetweenNeighbours(number: number, uid: number): void {
    const before = this.#messages.slice(0, number - 1).findLast((one) => one.uid !== undefined)?.uid ?? 0;
    const after = this.#messages.slice(number).find((one) => one.uid !== undefined)?.uid ?? Infinity;
    if (uid <= before || uid >= after) this.violations.push(`${number} is UID ${uid}, between ${before} and ${after}`);
  }

  #expectSameBody(uid: number, items: string): void {
    const body = /BODY\[\] \{\d+\}\r\n(.*)$/s.exec(items)?.[1];
    if (body === undefined) return;
    if ((this.#bodies.get(uid) ?? body) !== body) this.violations.push(`UID ${uid} is another message now`);
    this.#bodies.set(uid, body);
  }
}
