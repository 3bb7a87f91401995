import { MailError } from '@stopgap/core';

export interface RoundEnd {
  /** `crash`: the process dies. `lost`: the session ends, and the answer with it. */
  readonly kind: 'crash' | 'lost';
  /** At the n-th call of the session, before or after the provider did it; or at the n-th transaction, which only a crash does. */
  readonly where: 'call before' | 'call after' | 'write before' | 'write after';
  readonly at: number;
}

/** How a round ends before its time: from there on nothing works any more. */
export class Fate {
  isDead = false;
  readonly #end: RoundEnd | undefined;
  #count = 0;
  #isOver = false;

  constructor(end: RoundEnd | undefined) {
    this.#end = end;
  }

  reached(place: RoundEnd['where']): void {
    const isCall = place.startsWith('call');
    if (place === this.#end?.where) {
      this.#count += 1;
      if (this.#count >= this.#end.at) this.#isOver = true;
    }
    if (!this.#isOver || this.#end === undefined) return;
    if (this.#end.kind === 'crash') {
      this.isDead = true;
      throw new Error('the process died');
    }
    if (isCall) throw answerLost();
  }
}

function answerLost(): MailError {
  const text = 'the answer was lost';
  return new MailError('transient', text, { code: 'session-ended', reason: { class: 'lost-answer', text } });
}
