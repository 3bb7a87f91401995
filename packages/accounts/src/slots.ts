import { MailError } from '@stopgap/core';

/** Bounded parallelism with a bounded queue, first come first served. */
export class Slots {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(options: { readonly atOnce: number; readonly waiting: number }) {
    this.#most = options.atOnce;
    this.#mostWaiting = options.waiting;
  }

  /** @throws MailError `busy` (transient) when too many wait already */
  async run<T>(job: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await job();
    } finally {
      this.#give();
    }
  }

  #take(): Promise<void> | undefined {
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return undefined;
    }
    if (this.#waiting.length >= this.#mostWaiting)
      throw new MailError('transient', 'Too many log-ins are being checked.', { code: 'busy' });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A slot goes from hand to hand, so nobody can slip in between. */
  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
