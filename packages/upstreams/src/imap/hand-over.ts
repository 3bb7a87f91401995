/**
 * From one who is pushed to one who pulls. `put` resolves when there is room again, so that the pushing side stops reading from the network while the
 * pulling side is busy.
 */
export class HandOver<T> {
  readonly #roomBytes: number;
  readonly #waiting: { readonly item: T; readonly bytes: number }[] = [];
  #bytes = 0;
  #end: { readonly error: unknown } | 'open' | 'done' = 'open';
  #isAbandoned = false;
  #wakeTaker: (() => void) | undefined;
  #wakeGiver: (() => void) | undefined;

  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes;
  }

  async put(item: T, bytes: number): Promise<void> {
    if (this.#isAbandoned) return;
    this.#waiting.push({ item, bytes });
    this.#bytes += bytes;
    this.#wakeTaker?.();
    while (this.#bytes > this.#roomBytes && !this.#isAbandoned) {
      await new Promise<void>((resolve) => {
        this.#wakeGiver = resolve;
      });
    }
  }

  end(error?: unknown): void {
    this.#end = error === undefined ? 'done' : { error };
    this.#wakeTaker?.();
  }

  /** Nobody pulls any more: what still comes is dropped. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#waiting.length = 0;
    this.#wakeGiver?.();
  }

  async *taken(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#bytes -= next.bytes;
        this.#wakeGiver?.();
        yield next.item;
      } else if (this.#end === 'open') {
        await new Promise<void>((resolve) => {
          this.#wakeTaker = resolve;
        });
      } else if (this.#end === 'done') {
        return;
      } else {
        throw this.#end.error;
      }
    }
  }
}
