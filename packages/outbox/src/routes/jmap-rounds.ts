import { assertNever, type JobRecipient, type Outcome, type Reason, type RecipientId } from '@stopgap/core';
import type { SubmissionAnswer } from './jmap-answer.ts';

/** One bad recipient fails all, so each costs a round. */
const MOST_ROUNDS = 20;

export interface JmapResult {
  readonly outcomes: ReadonlyMap<RecipientId, Outcome>;
  /** `sent`: it left. `nothing`: it did not, as the draft proves until that is on record. `open`: nobody knows, the draft is evidence. */
  readonly end: 'sent' | 'nothing' | 'open';
  readonly isFiled: boolean;
}

/** Marks the attempt for these recipients, and sends to them. */
type Send = (recipients: readonly JobRecipient[]) => Promise<SubmissionAnswer>;

/**
 * Sends to all; as long as the server refuses, and so has sent nothing, to fewer: without those that it names, or in halves where it names nobody. One
 * sending ends it, so that the witness stands for one only; the others come with an attempt of their own.
 */
export async function sendInRounds(recipients: readonly JobRecipient[], host: string, send: Send): Promise<JmapResult> {
  const outcomes = new Map<RecipientId, Outcome>();
  const settle = (some: readonly JobRecipient[], outcome: Outcome): void => {
    for (const { id } of some) outcomes.set(id, outcome);
  };
  const ended = (end: JmapResult['end'], why: Reason, isFiled = true): JmapResult => {
    settle(groups.flat(), { kind: 'deferred', reason: why });
    return { outcomes, end, isFiled };
  };
  const groups: (readonly JobRecipient[])[] = [recipients];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const group = groups.shift();
    if (group === undefined) return ended('nothing', LATER);
    const answer = await send(group);
    switch (answer.kind) {
      case 'sent':
        settle(group, { kind: 'delivered', by: host, reply: 'submitted by JMAP' });
        return ended('sent', LATER, answer.isFiled);
      case 'lost':
      case 'unclear':
        settle(group, { kind: 'unsure', reason: answer.reason });
        return ended('open', LATER);
      case 'down':
        settle(group, deferred(answer.reason, answer.retryAfterMs));
        return ended('nothing', answer.reason);
      case 'bad-recipients': {
        // Cyrus 3.6 names all that were not accepted, those to be tried later among them; what it says is true of the first.
        const named = new Set(answer.addresses.map((address) => address.toLowerCase()));
        const bad = group.find(({ address }) => named.has(address.toLowerCase()));
        if (bad === undefined) groups.unshift(...halves(group, answer.reason, settle));
        else {
          settle([bad], { kind: 'rejected', reason: { ...answer.reason, text: `${host} refuses the recipient ${bad.address}.` } });
          const others = group.filter((recipient) => recipient !== bad);
          if (others.length > 0) groups.unshift(others);
        }
        break;
      }
      case 'too-many':
        if (answer.most >= 1 && answer.most < group.length) groups.unshift(group.slice(0, answer.most), group.slice(answer.most));
        else groups.unshift(...halves(group, answer.reason, settle));
        break;
      case 'refused':
        groups.unshift(...halves(group, answer.reason, settle));
        break;
      default:
        return assertNever(answer);
    }
  }
  return ended('nothing', { class: 'recipient', text: 'Too many of the recipients were refused, one after the other.' });
}

const LATER: Reason = { class: 'recipient', text: 'It comes with an attempt of its own, as another recipient stood in its way.' };

/** One recipient alone can not be halved: it is the one that is refused. */
function halves(
  group: readonly JobRecipient[],
  reason: Reason,
  settle: (some: readonly JobRecipient[], outcome: Outcome) => void,
): readonly (readonly JobRecipient[])[] {
  if (group.length > 1) return [group.slice(0, Math.ceil(group.length / 2)), group.slice(Math.ceil(group.length / 2))];
  settle(group, deferred(reason));
  return [];
}

function deferred(reason: Reason, retryAfterMs?: number): Outcome {
  return { kind: 'deferred', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
