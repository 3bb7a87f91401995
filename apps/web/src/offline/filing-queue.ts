/*
 * What was done with messages here and is not at the relay yet: a part of the post office. It is shown at once, kept before it is carried, and carried in its
 * order by one window at a time. It needs no key as letters do: done twice it is done once.
 */
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { mine, type Box } from './box.ts';
import type { Filing, Step } from './filing.ts';

import type { Turns } from './one-at-a-time.ts';

/** Who does more has to have a connection first. */
const MOST = 2000;
/** What took longer has waited, and its person is told that it is done. */
const SOON_MS = 8000;
/** Held while they are carried. */
const CARRYING = 'stopgap.filings';
/** Held for a moment, to see that one is not under way and to do something about it. */
const NEXT = 'stopgap.next-filing';

/** One message with which it was not done, in the words of RFC 8620 5.3. */
export interface RefusedStep {
  readonly step: Step;
  readonly type: string;
  readonly detail: string;
}

export interface FilingsCarried {
  readonly refused: readonly RefusedStep[];
  readonly hadWaited: boolean;
}

export interface FilingQueueOptions {
  readonly address: string;
  readonly box: Box<Filing>;
  readonly turns: Turns;
  /** @throws when it has to wait */
  readonly carry: (filing: Filing) => Promise<readonly RefusedStep[]>;
  /** Puts it into what is held of the relay's answers. */
  readonly onFiled: (filing: Filing) => Promise<void>;
  /** Resolves when the relay has been asked for what is on the screen again. */
  readonly onCarried: (carried: FilingsCarried) => Promise<void>;
  /** False: how messages looked is not kept with what was done with them. */
  readonly mayKeepMail: () => boolean;
  /** It is sure that nothing leaves this device. */
  readonly isCutOff: () => boolean;
}

export class FilingQueue {
  readonly #options: FilingQueueOptions;
  readonly #changed: () => Promise<void>;
  #waiting: readonly Filing[] = [];
  /** The relay has them; what is on the screen may be from before. */
  #recent: readonly Filing[] = [];
  #shown: readonly Filing[] = [];
  #isHeldUp = false;

  /** @param changed tells all windows */
  constructor(options: FilingQueueOptions, changed: () => Promise<void>) {
    this.#options = options;
    this.#changed = changed;
  }

  /** In the order in which it was done; the same array for as long as it is the same, as every list on the screen depends on it. */
  get waiting(): readonly Filing[] {
    return this.#waiting;
  }

  /** Those before them, too, without which a list would show for a moment what was. */
  get shown(): readonly Filing[] {
    return this.#shown;
  }

  /** The last try got no answer. */
  get isHeldUp(): boolean {
    return this.#isHeldUp && this.#waiting.length > 0;
  }

  /** Kept and shown when it resolves; it is carried then. @throws NoAnswer when too much waits; when it can not be kept */
  async file(filing: Omit<Filing, 'atMs'>): Promise<void> {
    const { box, turns, mayKeepMail } = this.#options;
    if (this.#waiting.length >= MOST) throw new NoAnswer('too much waits already');
    const atMs = Math.max(Date.now(), (this.#waiting.at(-1)?.atMs ?? 0) + 1);
    await box.put({ ...filing, atMs, lines: mayKeepMail() ? filing.lines : [] });
    await this.#changed();
    // It is kept: whatever goes wrong now, it is tried again.
    turns.alone(CARRYING, () => this.#carryAll()).catch(() => undefined);
  }

  /** Out of what waits; or, where the relay may have it, by its opposite. */
  async unfile(id: string, opposite: Omit<Filing, 'atMs'>): Promise<void> {
    const { box, turns } = this.#options;
    const isOut = await turns.alone(NEXT, async () => {
      const found = await box.get(id);
      if (found === undefined || found.isUnderWay) return false;
      await box.remove(id);
      return true;
    });
    if (isOut) await this.#changed();
    else await this.file(opposite);
  }

  /** Its person gives up on what waits. */
  async drop(): Promise<void> {
    const { box, turns } = this.#options;
    await turns.alone(NEXT, async () => {
      for (const { id } of this.#waiting) await box.remove(id);
    });
    await this.#changed();
  }

  /** Resolves when nothing waits any more. @throws NoAnswer when it has to */
  async untilCarried(): Promise<void> {
    await this.#options.turns.alone(CARRYING, () => this.#carryAll());
    if (this.#waiting.length > 0) throw new NoAnswer('what was done before waits');
  }

  /** Whatever can go now, goes; unless another window sees to it. */
  async carry(): Promise<void> {
    if (this.#waiting.length > 0) await this.#options.turns.ifFree(CARRYING, () => this.#carryAll());
  }

  async look(): Promise<void> {
    const found = inOrder(await mine(this.#options.box, this.#options.address));
    const waiting = found.filter(({ id }) => !this.#recent.some((one) => one.id === id));
    if (!isSame(waiting, this.#waiting)) this.#waiting = waiting;
    const shown = [...this.#recent, ...waiting];
    if (!isSame(shown, this.#shown)) this.#shown = shown;
  }

  async #carryAll(): Promise<void> {
    const refused: RefusedStep[] = [];
    const done: Filing[] = [];
    let hadWaited = this.#isHeldUp;
    try {
      for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
        hadWaited ||= Date.now() - next.atMs > SOON_MS;
        const not = await this.#carryOne(next);
        refused.push(...not);
        done.push(await this.#settle({ ...next, steps: next.steps.filter(({ id }) => !not.some(({ step }) => step.id === id)) }));
      }
      this.#isHeldUp = false;
    } catch {
      this.#isHeldUp = true;
    }
    await this.#changed();
    if (done.length > 0) this.#refresh(done, { refused, hadWaited }).catch(() => undefined);
  }

  /** @param filing what of it is done */
  async #settle(filing: Filing): Promise<Filing> {
    const { box, onFiled } = this.#options;
    await onFiled(filing);
    this.#recent = [...this.#recent, filing];
    await box.remove(filing.id);
    await this.#changed();
    return filing;
  }

  async #refresh(done: readonly Filing[], carried: FilingsCarried): Promise<void> {
    try {
      await this.#options.onCarried(carried);
    } finally {
      this.#recent = this.#recent.filter((one) => !done.includes(one));
      await this.#changed();
    }
  }

  async #next(): Promise<Filing | undefined> {
    const { box, turns, address } = this.#options;
    return turns.alone(NEXT, async () => {
      const [next] = inOrder(await mine(box, address));
      if (next !== undefined && !next.isUnderWay) await box.put({ ...next, isUnderWay: true });
      return next;
    });
  }

  /** @param filing as it was before it was under way */
  async #carryOne(filing: Filing): Promise<readonly RefusedStep[]> {
    const { box, turns, carry, isCutOff } = this.#options;
    const wasCutOff = isCutOff();
    try {
      return await carry(filing);
    } catch (error) {
      if (error instanceof MethodFailure && !PASSING.has(error.type)) {
        const { type, detail } = error;
        return filing.steps.map((step) => ({ step, type, detail }));
      }
      // It has not left this device, so it can be taken back without a trace.
      if (wasCutOff && isCutOff() && !filing.isUnderWay)
        await turns.alone(NEXT, async () => {
          if ((await box.get(filing.id)) !== undefined) await box.put(filing);
        });
      throw error;
    }
  }
}

function inOrder(filings: readonly Filing[]): readonly Filing[] {
  return filings.toSorted((one, other) => one.atMs - other.atMs);
}

function isSame(some: readonly Filing[], others: readonly Filing[]): boolean {
  // What was refused of one is taken out of it.
  return (
    some.length === others.length &&
    some.every(({ id, steps }, index) => id === others[index]?.id && steps.length === others[index].steps.length)
  );
}

/** The relay can not do it at the moment. */
const PASSING: ReadonlySet<string> = new Set(['serverUnavailable', 'serverFail', 'serverPartialFail', 'rateLimit']);
