import { blobCopy } from './blobs/copy.ts';
import { echo } from './core/echo.ts';
import { emailChanges } from './email/changes.ts';
import { emailGet } from './email/get.ts';
import { emailQuery, emailQueryChanges } from './email/query.ts';
import { emailSet } from './email/set.ts';
import { mailboxChanges } from './mailbox/changes.ts';
import { mailboxGet } from './mailbox/get.ts';
import { mailboxQuery, mailboxQueryChanges } from './mailbox/query.ts';
import { mailboxSet } from './mailbox/set.ts';
import type { Method } from './method.ts';
import { threadChanges } from './thread/changes.ts';
import { threadGet } from './thread/get.ts';

/** Every method there is. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ['Core/echo', echo],
  ['Blob/copy', blobCopy],
  ['Mailbox/get', mailboxGet],
  ['Mailbox/changes', mailboxChanges],
  ['Mailbox/query', mailboxQuery],
  ['Mailbox/queryChanges', mailboxQueryChanges],
  ['Mailbox/set', mailboxSet],
  ['Thread/get', threadGet],
  ['Thread/changes', threadChanges],
  ['Email/get', emailGet],
  ['Email/changes', emailChanges],
  ['Email/query', emailQuery],
  ['Email/queryChanges', emailQueryChanges],
  ['Email/set', emailSet],
]);
