import { whyText } from '../shell/failure-text.ts';
import type { Words } from '../words/en.ts';
import type { RefusedStep } from './filing-queue.ts';

/** Why messages are not as they were filed, for a person: one sentence for each reason. */
export function notFiledText(refused: readonly RefusedStep[], { post, done }: Words): string {
  const groups = Map.groupBy(refused, reasonOf);
  return [...groups]
    .map(([reason, steps]) =>
      reason === 'other'
        ? post.filedRefused(steps.length, whyText(steps[0]?.type ?? '', steps[0]?.detail ?? '', done))
        : post.notFiled[reason](steps.length),
    )
    .join(' ');
}

/** That one which was opened here is not there any more: nobody asked for it to be marked as read. */
export function isOfInterest({ step: { from, to, keywords }, type }: RefusedStep): boolean {
  return type !== 'notFound' || from !== to || Object.keys(keywords).some((keyword) => keyword !== '$seen');
}

function reasonOf({ step, type }: RefusedStep): 'gone' | 'elsewhere' | 'noFolder' | 'other' {
  if (type === 'notFound') return 'gone';
  if (step.from === step.to) return 'other';
  // It would be in two mailboxes now.
  if (type === 'tooManyMailboxes') return 'elsewhere';
  return type === 'invalidProperties' ? 'noFolder' : 'other';
}
