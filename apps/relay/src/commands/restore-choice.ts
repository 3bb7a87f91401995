/* Which deleted messages are brought back, and to where: so that nobody has one twice, also by what was asked for before and is not back yet. */
import { asId, MailError, type MessageId } from '@stopgap/core';
import { mailboxName, type DeletedMessage, type DeletedMessages } from '@stopgap/mailbox';
import { span } from '../times.ts';
import { filterOf, noneText } from './mirror-deleted.ts';
import { positive, usage } from './option-values.ts';

export interface RestoreOptions {
  readonly since?: string;
  readonly mailbox?: string;
  readonly to?: string;
}

export interface Chosen {
  readonly number: MessageId;
  /** Where it will be. */
  readonly mailbox: string;
  /** That is not where it was: the one it was in is gone, or another one was named. */
  readonly isElsewhere: boolean;
}

export interface LeftOut {
  readonly number: MessageId;
  /** `Message 12 ...` */
  readonly why: string;
}

export interface Choice {
  readonly chosen: readonly Chosen[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * @param numbers as a person typed them
 * @throws MailError with a sentence where nothing can be chosen; and for a number that stands for nothing, whatever the others are
 */
export function chooseRestores(
  deleted: DeletedMessages,
  numbers: readonly string[],
  { address, nowMs, ...options }: RestoreOptions & { readonly address: string; readonly nowMs: number },
): Choice {
  if ((numbers.length === 0) === (options.since === undefined)) throw usage('Name numbers, or say --since TIME; not both.');
  if (options.mailbox !== undefined && options.since === undefined) throw usage('--mailbox goes with --since.');
  const to = options.to === undefined ? undefined : mailboxName(options.to);
  const leftOut: LeftOut[] = [];
  const candidates =
    options.since === undefined ? named(deleted, numbers, { address, nowMs, leftOut }) : deleted.list(filterOf(options, nowMs));
  const chosen = [...withoutDoubles(candidates, { to, leftOut, wanted: deleted.wanted() })];
  if (chosen.length > 0) return { chosen, leftOut };
  const [first, ...others] = leftOut;
  if (!first) throw nothing(noneText(address, options));
  throw nothing(
    `Nothing to restore: message ${first.number} ${first.why}${others.length === 0 ? '' : `, and so on with ${others.length} more`}.`,
  );
}

function* named(
  deleted: DeletedMessages,
  numbers: readonly string[],
  { address, nowMs, leftOut }: { readonly address: string; readonly nowMs: number; readonly leftOut: LeftOut[] },
): Generator<DeletedMessage> {
  const shows = `"stopgap mirror deleted ${address}" shows what can be restored.`;
  for (const number of new Set(numbers.map((text) => asId.message(positive(text, 'NUMBER'))))) {
    const found = deleted.find(number);
    switch (found.kind) {
      case 'unknown':
        throw new MailError('permanent', `There is no deleted message ${number} of ${address}, or not any more. ${shows}`, {
          code: 'not-there',
        });
      case 'expired': {
        const ago = span(nowMs - found.expungedAtMs);
        throw new MailError('permanent', `Message ${number} was deleted ${ago} ago and is not kept any more. ${shows}`, {
          code: 'not-kept',
        });
      }
      case 'alive':
        leftOut.push({ number, why: `is in ${found.mailboxName}: it was restored before, or never deleted` });
        break;
      case 'kept':
        yield found.message;
    }
  }
}

/** What another client moved is deleted in one mailbox and new in another; what the provider brought back itself is new, too. */
function* withoutDoubles(
  candidates: Iterable<DeletedMessage>,
  { to, leftOut, wanted }: { readonly to: string | undefined; readonly leftOut: LeftOut[]; readonly wanted: Iterable<DeletedMessage> },
): Generator<Chosen> {
  const chosenAs = new Map<string, Pick<Chosen, 'number' | 'mailbox'>>();
  for (const { message: number, kept, wantedIn, mailboxName } of wanted)
    if (kept.view.hash !== undefined) chosenAs.set(kept.view.hash, { number, mailbox: wantedIn ?? mailboxName });
  for (const { message: number, kept, alsoIn, ...one } of candidates) {
    const { hash } = kept.view;
    const twin = hash === undefined ? undefined : chosenAs.get(hash);
    const isTwin = twin !== undefined && twin.number !== number && (to === undefined || to === twin.mailbox);
    const isThere = to === undefined ? alsoIn.length > 0 : alsoIn.includes(to);
    if (kept.message.blob === undefined) leftOut.push({ number, why: 'is not whole: only its headers were ever here' });
    else if (isThere) {
      const hint = to === undefined ? ' ("--to MAILBOX" puts it into another one all the same)' : '';
      leftOut.push({ number, why: `is in ${to ?? alsoIn.join(', ')} as another message of the same content${hint}` });
    } else if (isTwin) leftOut.push({ number, why: `has the same content as ${twin.number}` });
    else {
      const mailbox = to ?? one.mailboxName;
      if (hash !== undefined) chosenAs.set(hash, { number, mailbox });
      yield { number, mailbox, isElsewhere: to !== undefined || one.isMailboxGone };
    }
  }
}

function nothing(text: string): MailError {
  return new MailError('permanent', text, { code: 'nothing-to-do' });
}
