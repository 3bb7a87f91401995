export * from './accounts.ts';
export { dropBlobIfUnused, keepBlob, removeStrayFiles } from './blobs.ts';
export { lockDataDirectory } from './lock.ts';
export { hashPassword, passwordMatches } from './password.ts';
export * from './path-health.ts';
export { openStore, type Store } from './store.ts';
export type { Reader, SqlValue, Tx } from './tx.ts';
export { addVaultKey, openVault, reseal, type SealedCredential, type Vault } from './vault.ts';
