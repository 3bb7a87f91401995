export * from './accounts.ts';
export * from './decisions.ts';
export * from './attempts.ts';
export {
  dropBlobIfUnused,
  dropUnusedBlobRows,
  keepBlob,
  listBeginnings,
  listFilesOf,
  listHeldMessages,
  listSmallBlobs,
  removeStrayFiles,
  removeUnusedFiles,
  type HeldMessage,
} from './blobs.ts';
export * from './contacts.ts';
export * from './expunged.ts';
export * from './http-sessions.ts';
export * from './intents.ts';
export * from './identities.ts';
export * from './jmap-submissions.ts';
export { isServed, lockDataDirectory } from './lock.ts';
export * from './mail-removal.ts';
export * from './mailboxes.ts';
export * from './mailbox-scan.ts';
export * from './message-lists.ts';
export * from './message-views.ts';
export * from './orphans.ts';
export {
  deleteMessage,
  findMessage,
  findMessageByUid,
  insertMessage,
  listAccountMessagesByContent,
  listMailboxMessages,
  listMessageFlags,
  listMessages,
  listMessagesByContent,
  listNewestMessages,
  listThread,
  messagesChangedAfter,
  messagesChangedSince,
  updateMessageContent,
  updateMessageFlags,
  updateMessagePlace,
  updateMissingLineEnds,
  type MessageBounds,
  type MessageFlagsRow,
  type MessageRow,
} from './messages.ts';
export * from './mirror-mapping.ts';
export * from './mirrors.ts';
export { hashPassword, passwordMatches } from './password.ts';
export * from './path-health.ts';
export * from './queue-list.ts';
export * from './recipients.ts';
export * from './send-later.ts';
export * from './sent-copies.ts';
export * from './remote-mailboxes.ts';
export * from './remote-messages.ts';
export * from './restore-requests.ts';
export { openStore, type Store } from './store.ts';
export * from './submissions.ts';
export { flagBit, flagsFrom, storedFlags, type StoredFlags } from './stored-flags.ts';
export * from './subscribed-names.ts';
export * from './threads.ts';
export * from './uploads.ts';
export type { Reader, SqlValue, Tx } from './tx.ts';
export { addVaultKey, openVault, reseal, type SealedCredential, type Vault } from './vault.ts';
export { capWaits, shortenIntentWaits, shortenWaits } from './waits.ts';
