import type { AccountId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** What a person set for an address; JSON by lower-case address. */
export function listIdentities(reader: Reader, account: AccountId): ReadonlyMap<string, string> {
  const rows = reader.all<{ address: string; properties: string }>(
    'SELECT address, properties FROM identity WHERE account_id = ?',
    account,
  );
  return new Map(rows.map((row) => [row.address, row.properties]));
}

export function putIdentity(tx: Tx, account: AccountId, address: string, properties: string): void {
  tx.run('INSERT OR REPLACE INTO identity (account_id, address, properties) VALUES (?, ?, ?)', account, address, properties);
}
