import type { Reader, Tx } from '@stopgap/store';
import type { MailboxSessionDeps } from './deps.ts';

/** What was asked of the store. */
export interface Reads {
  statements: number;
  rows: number;
  /** Of all columns. */
  cells: number;
  transactions: number;
  /** So wide were the ranges of UIDs in which something was looked for. */
  uids: number;
}

/** The same, with what is read counted: what a command costs must not grow with what it is not about. */
export function countingReads(deps: MailboxSessionDeps): { readonly deps: MailboxSessionDeps; readonly readsOf: typeof readsOf } {
  let reads: Reads = { statements: 0, rows: 0, cells: 0, transactions: 0, uids: 0 };
  const counted = <T>(rows: T[]): T[] => {
    reads.statements += 1;
    reads.rows += rows.length;
    for (const row of rows) reads.cells += typeof row === 'object' && row !== null ? Object.keys(row).length : 1;
    return rows;
  };
  const reader = (real: Reader): Reader => ({
    get: <Row>(sql: string, ...values: Parameters<Reader['get']>[1][]) => counted([real.get<Row>(sql, ...values)])[0],
    all<Row>(sql: string, ...values: Parameters<Reader['all']>[1][]) {
      reads.uids += widthOf(sql, values);
      return counted(real.all<Row>(sql, ...values));
    },
    column<Value>(sql: string, ...values: Parameters<Reader['column']>[1][]) {
      reads.uids += widthOf(sql, values);
      return counted(real.column<Value>(sql, ...values));
    },
  });
  const tx = (real: Tx): Tx => ({ ...real, ...reader(real) });
  const { store, mailboxes } = deps;
  async function readsOf(job: () => Promise<unknown>): Promise<Reads> {
    reads = { statements: 0, rows: 0, cells: 0, transactions: 0, uids: 0 };
    await job();
    return reads;
  }
  return {
    readsOf,
    deps: {
      ...deps,
      store: { ...store, read: (job) => store.read((real) => job(reader(real))) },
      mailboxes: {
        ...mailboxes,
        write: (account, job) => {
          reads.transactions += 1;
          return mailboxes.write(account, (mail) => job({ ...mail, tx: tx(mail.tx) }));
        },
      },
    },
  };
}

function widthOf(sql: string, [, from, to]: readonly unknown[]): number {
  return /mailbox_id = \? AND (m\.)?uid BETWEEN \? AND \?/.test(sql) ? Number(to) - Number(from) + 1 : 0;
}
