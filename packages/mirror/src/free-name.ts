import { MAILBOX_SEPARATOR, type AccountId } from '@stopgap/core';
import { findMailboxByName, type Reader } from '@stopgap/store';

/** Of the last part of a name: no part may have more than 255 characters. */
const LONGEST = 240;

/** `Work (2)` for Work, or with the first number under which nothing is here. */
export function freeName(reader: Reader, account: AccountId, name: string): string {
  const start = name.lastIndexOf(MAILBOX_SEPARATOR) + 1;
  const base = name.slice(0, start + LONGEST).toWellFormed();
  for (let number = 2; ; number += 1) {
    const free = `${base} (${number})`;
    if (!findMailboxByName(reader, account, free)) return free;
  }
}

/** Is it one that `freeName` gave to a mailbox that could not have this name? */
export function isStandIn(name: string, wanted: string): boolean {
  return name.startsWith(`${wanted} (`) && /^\d+\)$/.test(name.slice(wanted.length + 2));
}
