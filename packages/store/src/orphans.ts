import type { AccountId, PathId, ProviderName } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** Accounts of a provider that is none of these, or with mail that waits for such a one. It would wait for ever: nobody asks for its work. */
export function listOrphans(reader: Reader, providers: readonly ProviderName[]): AccountId[] {
  const names = JSON.stringify(providers);
  return reader.column(
    `SELECT id FROM account WHERE provider NOT IN (SELECT value FROM json_each(?))
     UNION SELECT account_id FROM submission WHERE final_at_ms IS NULL AND provider NOT IN (SELECT value FROM json_each(?))`,
    names,
    names,
  );
}

/**
 * From now on it and its mail belong to this provider. What was tried by a path that is one of `paths` but for the provider's name goes by that one's id: it
 * can still be asked how that ended. Index submission_account, attempt_submission, recipient_submission.
 */
export function moveToProvider(tx: Tx, account: AccountId, provider: ProviderName, paths: readonly PathId[]): void {
  tx.run('UPDATE account SET provider = ? WHERE id = ?', provider, account);
  tx.run('UPDATE recipient SET provider = ? WHERE submission_id IN (SELECT id FROM submission WHERE account_id = ?)', provider, account);
  tx.run('UPDATE submission SET provider = ? WHERE account_id = ?', provider, account);
  for (const path of paths)
    for (const table of ['attempt', 'recipient'])
      tx.run(
        `UPDATE ${table} SET route = ? WHERE submission_id IN (SELECT id FROM submission WHERE account_id = ?)
           AND substr(route, instr(route, ' ')) = substr(?, instr(?, ' '))`,
        path,
        account,
        path,
        path,
      );
}
