import type { AccountId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

export interface ContactRow {
  /** Lower case. */
  readonly address: string;
  /** The newest that was met; '' where none was ever given. */
  readonly name: string;
  readonly received: number;
  readonly sent: number;
  readonly lastSeenMs: number;
}

/** Counts one more meeting; the name of the newest one that has a name stays. */
export function meetContact(
  tx: Tx,
  account: AccountId,
  met: { readonly address: string; readonly name: string; readonly as: 'received' | 'sent'; readonly atMs: number },
): void {
  const isReceived = met.as === 'received' ? 1 : 0;
  tx.run(
    `INSERT INTO contact (account_id, address, name, received, sent, last_seen_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       name = CASE WHEN excluded.name <> '' AND (name = '' OR excluded.last_seen_ms >= last_seen_ms) THEN excluded.name ELSE name END,
       received = received + excluded.received, sent = sent + excluded.sent, last_seen_ms = max(last_seen_ms, excluded.last_seen_ms)`,
    account,
    met.address,
    met.name,
    isReceived,
    1 - isReceived,
    met.atMs,
  );
}

/** By address. */
export function listContacts(reader: Reader, account: AccountId): ContactRow[] {
  return reader.all(
    'SELECT address, name, received, sent, last_seen_ms AS lastSeenMs FROM contact WHERE account_id = ? ORDER BY address',
    account,
  );
}

/** Those whose address or a word of whose name begins so (any case for ASCII), those written to most first. */
export function completeContacts(reader: Reader, account: AccountId, beginning: string, limit: number): ContactRow[] {
  const begins = `${beginning.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return reader.all(
    String.raw`SELECT address, name, received, sent, last_seen_ms AS lastSeenMs FROM contact
     WHERE account_id = ? AND (address LIKE ? ESCAPE '\' OR name LIKE ? ESCAPE '\' OR name LIKE ? ESCAPE '\')
     ORDER BY sent DESC, last_seen_ms DESC LIMIT ?`,
    account,
    begins,
    begins,
    `% ${begins}`,
    limit,
  );
}
