export { addMessage, replaceContent, type AddedMessage, type MessageContent, type NewMessage } from './add-message.ts';
export { appendAgain } from './append-again.ts';
export { changeFlags, changeFlagsOf } from './change-flags.ts';
export { isBefore, type Change, type ChangeList, type ChangePoint, type Changes } from './changes.ts';
export { DeletedMessages, type DeletedFilter, type DeletedMessage, type Restorable } from './deleted-messages.ts';
export { emptyMailbox, expungeMessages, restoreMessage } from './expunge-messages.ts';
export { leaveFlags } from './message-intents.ts';
export { mailboxIn, type By, type MailTx } from './mail-tx.ts';
export { INBOX, mailboxName } from './mailbox-name.ts';
export {
  createMailbox,
  deleteMailbox,
  renameMailbox,
  setRole,
  setSortOrder,
  setSubscribed,
  unsubscribeName,
  type NewMailbox,
} from './mailbox-operations.ts';
export { openMailboxes, type Mailboxes, type MailboxesOptions } from './mailboxes.ts';
export { messagesIn, MOST_AT_ONCE } from './messages-in.ts';
export { copyMessages, moveMessages, type CopiedMessage, type MovedMessage } from './move-messages.ts';
export type { RestoredCount } from './restore-wanted.ts';
export { messageIdKey } from './thread-of-message.ts';
export type { SearchQuery } from './search/query.ts';
export { envelopeLook, envelopeNeedle } from './search/envelope-text.ts';
export { tableBounds } from './search/table-bounds.ts';
export { foldLetters } from './search/words.ts';
export type { SearchLog } from './search/search-index.ts';
export type { SearchPage, SearchResult } from './search/search.ts';
export type { TextField } from './search/index-messages.ts';
