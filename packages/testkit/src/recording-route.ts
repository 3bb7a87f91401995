import { setTimeout as pause } from 'node:timers/promises';
import {
  messageOf,
  type DeliveryJob,
  type JobRecipient,
  type Outcome,
  type RecipientId,
  type Route,
  type SentQuery,
  type SentVerdict,
} from '@stopgap/core';

export interface Taken {
  readonly job: DeliveryJob;
  readonly bytes: Buffer;
}

/** What the far side makes of one recipient, after it has read the whole message. `loses` the answer: it took the message over, and we never hear. */
export type Answer = (recipient: JobRecipient, job: DeliveryJob) => Outcome | 'takes' | 'loses-taken' | 'loses-untaken';

/**
 * A route that behaves: it reads the message, makes the mark, and only then hands it to its far side, which keeps everything it took. Without a mark
 * nothing is taken. `hang` stops it right after the mark until it is let go or aborted.
 */
export class RecordingRoute implements Route {
  readonly taken: Taken[] = [];
  answer: Answer;
  /** Awaited before the mark, and after it. */
  beforeMark: () => Promise<void> = async () => undefined;
  afterMark: () => Promise<void> = async () => undefined;
  readonly findSent?: (query: SentQuery, signal: AbortSignal) => Promise<SentVerdict>;

  constructor(options: { readonly answer?: Answer; readonly findSent?: (query: SentQuery) => Promise<SentVerdict> } = {}) {
    this.answer = options.answer ?? (() => 'takes');
    if (options.findSent) this.findSent = options.findSent;
  }

  async deliver(job: DeliveryJob, signal: AbortSignal): Promise<ReadonlyMap<RecipientId, Outcome>> {
    const chunks: Buffer[] = [];
    for await (const chunk of job.open()) chunks.push(chunk);
    try {
      await this.beforeMark();
      await job.mark();
    } catch (error) {
      return this.#all(job, { kind: 'deferred', reason: { class: 'internal', text: messageOf(error) } });
    }
    if (signal.aborted) return this.#all(job, lost('aborted'));
    await this.afterMark();
    // The far side answers in a later turn, as a network does.
    await pause(0);
    const outcomes = new Map<RecipientId, Outcome>();
    const takenBy: JobRecipient[] = [];
    for (const recipient of job.recipients) {
      const answer = this.answer(recipient, job);
      if (answer === 'takes' || answer === 'loses-taken') takenBy.push(recipient);
      if (answer === 'takes') outcomes.set(recipient.id, { kind: 'delivered', by: 'far.test', reply: '250 2.0.0 taken' });
      else if (answer === 'loses-taken' || answer === 'loses-untaken') outcomes.set(recipient.id, lost('the connection went'));
      else outcomes.set(recipient.id, answer);
    }
    if (takenBy.length > 0) this.taken.push({ job: { ...job, recipients: takenBy }, bytes: Buffer.concat(chunks) });
    return outcomes;
  }

  /** How often the far side took a message for this address. */
  countFor(address: string): number {
    return this.taken.filter((one) => one.job.recipients.some((recipient) => recipient.address === address)).length;
  }

  async close(): Promise<void> {}

  #all(job: DeliveryJob, outcome: Outcome): ReadonlyMap<RecipientId, Outcome> {
    return new Map(job.recipients.map((recipient) => [recipient.id, outcome]));
  }
}

function lost(text: string): Outcome {
  return { kind: 'unsure', reason: { class: 'lost-answer', text } };
}
