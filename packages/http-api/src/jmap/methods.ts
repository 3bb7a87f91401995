import { echo } from './core/echo.ts';
import { emailChanges } from './email/changes.ts';
import { emailGet } from './email/get.ts';
import { emailQuery, emailQueryChanges } from './email/query.ts';
import { mailboxChanges } from './mailbox/changes.ts';
import { mailboxGet } from './mailbox/get.ts';
import type { Method } from './method.ts';
import { threadChanges } from './thread/changes.ts';
import { threadGet } from './thread/get.ts';

/** Every method there is. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ['Core/echo', echo],
  ['Mailbox/get', mailboxGet],
  ['Mailbox/changes', mailboxChanges],
  ['Thread/get', threadGet],
  ['Thread/changes', threadChanges],
  ['Email/get', emailGet],
  ['Email/changes', emailChanges],
  ['Email/query', emailQuery],
  ['Email/queryChanges', emailQueryChanges],
]);
