/*
 * Keeps what is written in Drafts as it is written: a while after the last key, and at the latest some time after the first. One save at a time; what
 * changed meanwhile is saved next. A save that fails is tried again; until then the text is here, in the open window, and the state says so.
 */
import { NoAnswer } from '../api/failures.ts';

export type SaveState = 'nothing' | 'waiting' | 'saving' | 'saved' | 'failed';

const QUIET_MS = 2500;
const LONGEST_MS = 15_000;
const AGAIN_MS = 10_000;

export interface DraftSaverOptions<Content> {
  /** Saves and takes the place of what was saved before. Gives the id of what is there now. @param cut nobody waits for it any more: it fails then */
  readonly save: (content: Content, previousId: string | undefined, cut: AbortSignal) => Promise<string>;
  readonly onState: (state: SaveState) => void;
  /** What is taken up again. */
  readonly firstId?: string | undefined;
  readonly nowMs?: () => number;
}

export class DraftSaver<Content> {
  readonly #options: DraftSaverOptions<Content>;
  #id: string | undefined;
  #latest: { readonly content: Content } | undefined;
  #dirtySinceMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #cut = new AbortController();
  #hasFailed = false;
  #isStopped = false;

  constructor(options: DraftSaverOptions<Content>) {
    this.#options = options;
    this.#id = options.firstId;
  }

  get id(): string | undefined {
    return this.#id;
  }

  get isDirty(): boolean {
    return this.#latest !== undefined || this.#running !== undefined;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The last save was cut off: it may be on its way still. */
  get isCut(): boolean {
    return this.#cut.signal.aborted;
  }

  /** Nothing comes of it while it is stopped. */
  change(content: Content): void {
    if (this.#isStopped) return;
    this.#latest = { content };
    const nowMs = this.#nowMs();
    this.#dirtySinceMs ??= nowMs;
    if (this.#running === undefined && !this.#hasFailed) this.#options.onState('waiting');
    this.#schedule(Math.max(0, Math.min(QUIET_MS, this.#dirtySinceMs + LONGEST_MS - nowMs)));
  }

  /**
   * Saves what there is to save. Gives its id; undefined: nothing was ever saved. @throws what saving throws
   * @param patienceMs a save that takes longer is cut off
   */
  async flush(patienceMs?: number): Promise<string | undefined> {
    clearTimeout(this.#timer);
    const impatient = patienceMs === undefined ? undefined : setInterval(() => this.#cut.abort(new NoAnswer('cut off')), patienceMs);
    try {
      while (this.#running !== undefined) await this.#running.catch(() => undefined);
      if (this.#latest !== undefined) await this.#run();
      return this.#id;
    } finally {
      clearInterval(impatient);
    }
  }

  /** What was saved belongs to somebody else now (it was sent, or thrown away). A save that is under way is the last one. */
  stop(): void {
    this.#isStopped = true;
    this.#latest = undefined;
    clearTimeout(this.#timer);
  }

  /** It is in hand again. @param id under which it is saved now, if that is another one */
  resume(id = this.#id): void {
    this.#id = id;
    this.#isStopped = false;
  }

  /** Saves what there is to save, once, and no more. */
  async finish(): Promise<void> {
    await this.flush().catch(() => undefined);
    this.stop();
  }

  /** Until no save is under way, nor one that waited for it. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    if (this.#latest === undefined) return;
    this.#timer = setTimeout(() => {
      if (this.#running === undefined) this.#run().catch(() => undefined);
      else this.#schedule(QUIET_MS);
    }, inMs);
  }

  #run(): Promise<void> {
    this.#running = this.#saveLatest().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #saveLatest(): Promise<void> {
    const taken = this.#latest;
    if (taken === undefined) return;
    this.#options.onState('saving');
    this.#cut = new AbortController();
    try {
      this.#id = await this.#options.save(taken.content, this.#id, this.#cut.signal);
    } catch (error) {
      this.#hasFailed = true;
      this.#options.onState('failed');
      this.#schedule(AGAIN_MS);
      throw error;
    }
    this.#hasFailed = false;
    if (this.#latest === taken) {
      this.#latest = undefined;
      this.#dirtySinceMs = undefined;
      this.#options.onState('saved');
    } else {
      this.#dirtySinceMs = this.#nowMs();
    }
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)();
  }
}
