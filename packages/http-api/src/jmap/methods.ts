import { blobCopy } from './blobs/copy.ts';
import { echo } from './core/echo.ts';
import { emailChanges } from './email/changes.ts';
import { emailCopy } from './email/copy.ts';
import { emailGet } from './email/get.ts';
import { emailImport } from './email/import.ts';
import { emailParse } from './email/parse.ts';
import { emailQuery, emailQueryChanges } from './email/query.ts';
import { searchSnippetGet } from './email/search-snippets.ts';
import { emailSet } from './email/set.ts';
import { mailboxChanges } from './mailbox/changes.ts';
import { mailboxGet } from './mailbox/get.ts';
import { mailboxQuery, mailboxQueryChanges } from './mailbox/query.ts';
import { mailboxSet } from './mailbox/set.ts';
import type { Method } from './method.ts';
import { contactComplete } from './outbox/complete-contacts.ts';
import { entryAct, entryChanges, entryGet } from './outbox/entries.ts';
import { keywordList } from './outbox/list-keywords.ts';
import { providerStatusGet } from './outbox/provider-status.ts';
import { uncarriedChangeGet } from './outbox/uncarried-changes.ts';
import { submissionChanges } from './submission/changes.ts';
import { submissionGet } from './submission/get.ts';
import { identityChanges, identityGet, identitySet } from './submission/identities.ts';
import { submissionQuery, submissionQueryChanges } from './submission/query.ts';
import { submissionSet } from './submission/set.ts';
import { vacationGet, vacationSet } from './submission/vacation.ts';
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
  ['Email/copy', emailCopy],
  ['Email/import', emailImport],
  ['Email/parse', emailParse],
  ['SearchSnippet/get', searchSnippetGet],
  ['Identity/get', identityGet],
  ['Identity/changes', identityChanges],
  ['Identity/set', identitySet],
  ['EmailSubmission/get', submissionGet],
  ['EmailSubmission/changes', submissionChanges],
  ['EmailSubmission/query', submissionQuery],
  ['EmailSubmission/queryChanges', submissionQueryChanges],
  ['EmailSubmission/set', submissionSet],
  ['VacationResponse/get', vacationGet],
  ['VacationResponse/set', vacationSet],
  ['OutboxEntry/get', entryGet],
  ['OutboxEntry/changes', entryChanges],
  ['OutboxEntry/act', entryAct],
  ['ProviderStatus/get', providerStatusGet],
  ['UncarriedChange/get', uncarriedChangeGet],
  ['Contact/complete', contactComplete],
  ['Keyword/list', keywordList],
]);
