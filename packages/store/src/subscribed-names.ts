import type { AccountId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** Of one account; whoever makes, subscribes and deletes mailboxes without end loses the rest. */
const MOST_NAMES = 10_000;

/** What an account is subscribed to though no mailbox has the name (any more), by name. */
export function listSubscribedNames(reader: Reader, account: AccountId): string[] {
  return reader.column<string>('SELECT name FROM subscribed_name WHERE account_id = ? ORDER BY name', account);
}

export function keepSubscribedName(tx: Tx, account: AccountId, name: string): void {
  tx.run(
    `INSERT INTO subscribed_name (account_id, name) SELECT ?, ? WHERE (SELECT count(*) FROM subscribed_name WHERE account_id = ?) < ?
     ON CONFLICT DO NOTHING`,
    account,
    name,
    account,
    MOST_NAMES,
  );
}

/** False: it was none of them. */
export function dropSubscribedName(tx: Tx, account: AccountId, name: string): boolean {
  return tx.run('DELETE FROM subscribed_name WHERE account_id = ? AND name = ?', account, name).changes > 0;
}
