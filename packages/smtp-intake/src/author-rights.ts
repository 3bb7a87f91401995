import { accountIdOf } from '@stopgap/core';
import { refusalOf, type SubmissionFacts } from '@stopgap/message';
import { replies, replyOf, type Reply } from './replies.ts';

/** A loop through us passes a few other hosts each time; somebody who sends on a mail that went through us once is no loop. */
const HOPS_WITH_US = 10;

/**
 * May this header leave as it is? Every address that a reader could take for the author is the account's own (DMARC would say so later, and to the
 * wrong person), and nothing in it can be read in two ways.
 */
export function faultOfHeader(
  facts: SubmissionFacts,
  options: { readonly own: readonly string[]; readonly hostname: string; readonly hops: number },
): Reply | undefined {
  const foreign = [...facts.from, ...(facts.sender ? [facts.sender] : [])].find((author) => !options.own.includes(accountIdOf(author)));
  if (foreign) return replies.notYourFrom(accountIdOf(foreign));
  const [problem] = facts.problems;
  if (problem) return replyOf(refusalOf(problem));
  if (facts.hops > options.hops) return replies.loop;
  return facts.hops > HOPS_WITH_US && facts.ownReceived(options.hostname) ? replies.loop : undefined;
}
