/** Keys held; beyond it the oldest window is forgotten. About 10 MB at worst. */
const MOST_KEYS = 100_000;

interface Window {
  count: number;
  readonly endsAtMs: number;
}

/**
 * Counts per key in a window that begins with the first count. Of fixed size whatever is thrown at it, no timers.
 * @param elapsedMs a clock that never jumps
 */
export class WindowCounter {
  readonly #withinMs: number;
  readonly #elapsedMs: () => number;
  /** In order of their end, as all windows are equally long. */
  readonly #windows = new Map<string, Window>();

  constructor(options: { readonly withinMs: number; readonly elapsedMs: () => number }) {
    this.#withinMs = options.withinMs;
    this.#elapsedMs = options.elapsedMs;
  }

  count(key: string): number {
    return this.#live(key)?.count ?? 0;
  }

  /** Until the window of this key is over; 0: there is none. */
  leftMs(key: string): number {
    const window = this.#live(key);
    return window ? Math.max(0, window.endsAtMs - this.#elapsedMs()) : 0;
  }

  /** The count with this one. */
  add(key: string, amount = 1): number {
    const window = this.#live(key);
    if (window) return (window.count += amount);
    this.#forgetOld();
    this.#windows.set(key, { count: amount, endsAtMs: this.#elapsedMs() + this.#withinMs });
    return amount;
  }

  delete(key: string): void {
    this.#windows.delete(key);
  }

  #live(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (!window || window.endsAtMs > this.#elapsedMs()) return window;
    this.#windows.delete(key);
    return undefined;
  }

  #forgetOld(): void {
    for (const [key, window] of this.#windows) {
      if (this.#windows.size < MOST_KEYS && window.endsAtMs > this.#elapsedMs()) return;
      this.#windows.delete(key);
    }
  }
}
