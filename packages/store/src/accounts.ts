import type { AccountId, BlobId, ProviderName } from '@stopgap/core';
import { dropUnusedBlobRows } from './blobs.ts';
import { askForMirror } from './mirrors.ts';
import type { Reader, Tx } from './tx.ts';
import type { SealedCredential } from './vault.ts';

export interface AccountRow {
  readonly id: AccountId;
  readonly address: string;
  readonly provider: ProviderName;
  readonly name: string;
  /** pending: added without proof; its first log-in that a path confirms makes it active. */
  readonly state: 'active' | 'pending';
  readonly createdAtMs: number;
  readonly hasCredential: boolean;
  /** It is being erased: nothing is taken in for it any more. */
  readonly isLeaving: boolean;
}

/** What is known of an account from its beginning. */
export type NewAccountRow = Omit<AccountRow, 'hasCredential' | 'isLeaving'>;

const COLUMNS = `a.id, a.address, a.provider, a.name, a.state, a.created_at_ms AS createdAtMs,
  EXISTS (SELECT 1 FROM credential c WHERE c.account_id = a.id) AS hasCredential, a.leaving_at_ms IS NOT NULL AS isLeaving`;

/** SQLite knows no boolean. */
type StoredAccount = NewAccountRow & { readonly hasCredential: number; readonly isLeaving: number };

export function findAccount(reader: Reader, id: AccountId): AccountRow | undefined {
  const row = reader.get<StoredAccount>(`SELECT ${COLUMNS} FROM account a WHERE a.id = ?`, id);
  return row && accountFrom(row);
}

export function listAccounts(reader: Reader): AccountRow[] {
  return reader.all<StoredAccount>(`SELECT ${COLUMNS} FROM account a ORDER BY a.id`).map(accountFrom);
}

/** False: it was removed, or is being erased. */
export function isStaying(reader: Reader, id: AccountId): boolean {
  return reader.get('SELECT 1 FROM account WHERE id = ? AND leaving_at_ms IS NULL', id) !== undefined;
}

/** Another one when an account or a credential was added since. Two looks at the end of a table, for who asks often. */
export function newestAccounts(reader: Reader): string {
  const mark = "SELECT ifnull((SELECT max(rowid) FROM account), 0) || ' ' || ifnull((SELECT max(rowid) FROM credential), 0) AS mark";
  return reader.get<{ mark: string }>(mark)?.mark ?? '';
}

/** Makes the account, or brings its provider, name and state up to date; its own address is always one it may send as. */
export function putAccount(tx: Tx, account: NewAccountRow): void {
  tx.run(
    `INSERT INTO account (id, address, provider, name, state, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET provider = excluded.provider, name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END, state = excluded.state`,
    account.id,
    account.address,
    account.provider,
    account.name,
    account.state,
    account.createdAtMs,
  );
  addAccountAddress(tx, account.id, account.address);
}

/** A further address the account may send as. False when it belongs to another account. */
export function addAccountAddress(tx: Tx, account: AccountId, address: string): boolean {
  const key = address.toLowerCase();
  tx.run('INSERT INTO account_address (address, account_id) VALUES (?, ?) ON CONFLICT (address) DO NOTHING', key, account);
  return tx.get<{ account_id: string }>('SELECT account_id FROM account_address WHERE address = ?', key)?.account_id === account;
}

/** Lower case. */
export function addressesOf(reader: Reader, account: AccountId): string[] {
  return reader.column<string>('SELECT address FROM account_address WHERE account_id = ? ORDER BY address', account);
}

/**
 * Credential, verifier, addresses and its mail with all that belongs to it go with it; its submissions stay until they are final. A large mailbox is
 * emptied before, in steps (package mailbox), for this is one transaction.
 */
export function removeAccount(tx: Tx, id: AccountId): boolean {
  const blobs = tx.all<{ id: BlobId }>(
    `SELECT blob_id AS id FROM message WHERE account_id = ? AND blob_id IS NOT NULL
     UNION SELECT blob_id FROM expunged WHERE account_id = ? AND blob_id IS NOT NULL UNION SELECT blob_id FROM upload WHERE account_id = ?`,
    id,
    id,
    id,
  );
  const isRemoved = tx.run('DELETE FROM account WHERE id = ?', id).changes > 0;
  if (blobs.length > 0)
    dropUnusedBlobRows(
      tx,
      blobs.map((blob) => blob.id),
    );
  return isRemoved;
}

/**
 * From its commit on nobody adds to the account's mail, in whatever process, and a running mirror is asked to let go of it: it deletes the row in `mirror`
 * when it has. Its log-ins here end. Mail that waits in the queue may still leave.
 */
export function beginLeaving(tx: Tx, id: AccountId, nowMs: number): void {
  tx.run('UPDATE account SET leaving_at_ms = coalesce(leaving_at_ms, ?) WHERE id = ?', nowMs, id);
  for (const table of ['mail_account', 'verifier', 'http_session']) tx.run(`DELETE FROM ${table} WHERE account_id = ?`, id);
  askForMirror(tx, id, nowMs);
}

export function putVerifier(tx: Tx, account: AccountId, argon2: string, nowMs: number): void {
  tx.run(
    `INSERT INTO verifier (account_id, argon2, updated_at_ms) VALUES (?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET argon2 = excluded.argon2, updated_at_ms = excluded.updated_at_ms`,
    account,
    argon2,
    nowMs,
  );
}

/** The argon2id hash in PHC form. */
export function findVerifier(reader: Reader, account: AccountId): string | undefined {
  return reader.column<string>('SELECT argon2 FROM verifier WHERE account_id = ?', account)[0];
}

export function putCredential(tx: Tx, account: AccountId, credential: SealedCredential, nowMs: number): void {
  tx.run(
    `INSERT INTO credential (account_id, key_id, sealed, updated_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms`,
    account,
    credential.keyId,
    credential.sealed,
    nowMs,
  );
}

export function findCredential(reader: Reader, account: AccountId): SealedCredential | undefined {
  return reader.get<SealedCredential>('SELECT key_id AS keyId, sealed FROM credential WHERE account_id = ?', account);
}

function accountFrom(row: StoredAccount): AccountRow {
  return { ...row, hasCredential: row.hasCredential === 1, isLeaving: row.isLeaving === 1 };
}
