/*
 * Flags as Roundcube shows them: lower case, without backslash and without `$` (rcube_imap_generic::fetch, 1.6). So `$junk` and `junk` look alike;
 * the keywords that IANA knows with a `$`, and the labels of Thunderbird, get it back, and all others are taken as words without one.
 */
import { flagFromImap, normalFlags, type Flag } from '@stopgap/core';
import { isRecord } from './answer.ts';

const SYSTEM: ReadonlyMap<string, Flag> = new Map([
  ['seen', '$seen'],
  ['answered', '$answered'],
  ['flagged', '$flagged'],
  ['deleted', '$deleted'],
  ['draft', '$draft'],
]);

/** https://www.iana.org/assignments/imap-jmap-keywords, and $label1 to $label5. */
const WITH_DOLLAR: ReadonlySet<string> = new Set(
  'autosent canunsubscribe followed forwarded hasattachment hasmemo hasnoattachment importance ismailinglist istrusted junk label1 label2 label3 label4 label5 maskedemail mdnsent memo muted new notify notjunk phishing submitpending submitted unsubscribed'.split(
    ' ',
  ),
);

/** In rows there are facts among the flags that are none. `recent` speaks of the session. */
const NO_FLAGS: ReadonlySet<string> = new Set(
  'recent ctype mbox ml prio depth parent_uid has_children unread_children flagged_children skip_mbox_check'.split(' '),
);

/** PHP writes "none" as an empty list. */
export function flagsOfRow(row: unknown): readonly Flag[] {
  if (!isRecord(row)) return [];
  const names = Object.entries(row).flatMap(([name, value]) => (value && !NO_FLAGS.has(name) ? [name] : []));
  return normalFlags(names.map((name) => SYSTEM.get(name) ?? (WITH_DOLLAR.has(name) ? `$${name}` : name)));
}

/** What `mark` calls a change. Undefined: it can not be said to Roundcube, or would not be seen again as the same. */
export function markOf(flag: Flag, isAdded: boolean): string | undefined {
  switch (flag) {
    case '$seen':
      return isAdded ? 'read' : 'unread';
    case '$deleted':
      return isAdded ? 'delete' : 'undelete';
    case '$answered':
    case '$flagged':
    case '$draft':
    case '$forwarded':
    case '$mdnsent':
      return `${isAdded ? '' : 'un'}${flag.slice(1)}`;
    default:
      return isTellable(flag) ? `${isAdded ? '' : 'un'}${flag}` : undefined;
  }
}

/** The five system flags are never lost for want of a keyword: a server may keep those alone. */
export function isKeyword(flag: Flag): boolean {
  return !SYSTEM.has(flag.slice(1));
}

/** `un...` takes a flag away, and these words mean system flags, with or without their dollar (mark.php and set_flag, 1.6). */
const TAKEN = /^(?:un|read$|delete$|seen$|answered$|flagged$|deleted$|draft$|forwarded$|mdnsent$|recent$)/;

function isTellable(flag: Flag): boolean {
  if (flagFromImap(flag) !== flag) return false;
  const name = flag.startsWith('$') ? flag.slice(1) : flag;
  if (flag.startsWith('$') !== WITH_DOLLAR.has(name) || name.includes('$')) return false;
  // Tags are stripped from requests, and commas divide.
  return !NO_FLAGS.has(name) && !TAKEN.test(flag) && !/[<>,]/.test(flag);
}
