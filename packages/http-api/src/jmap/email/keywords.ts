import { flagFromImap, type Flag } from '@stopgap/core';
import { SetProblem } from '../method-error.ts';

/** IMAP's `\Deleted` is not known to JMAP (RFC 8621 4.1.1). */
const HIDDEN: Flag = '$deleted';

export function keywordsOf(flags: readonly Flag[]): Readonly<Record<string, true>> {
  return Object.fromEntries(flags.filter((flag) => flag !== HIDDEN).map((flag) => [flag, true] as const));
}

/** RFC 8621 4.1.1: printable ASCII without some characters, in any case. @throws SetProblem invalidProperties */
export function flagOf(keyword: string): Flag {
  const flag = /^[!-~]+$/.test(keyword) && !keyword.startsWith('\\') ? flagFromImap(keyword) : undefined;
  if (flag === undefined || flag === HIDDEN) throw new SetProblem('invalidProperties', 'That is no keyword.', { properties: ['keywords'] });
  return flag;
}
