import type Database from 'better-sqlite3';

export type SqlValue = string | number | bigint | Buffer | null;

/** What a read may do. Rows come as plain objects; the caller names their shape. */
export interface Reader {
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[];
  /** The first column of every row: a tenth of the cost of rows. */
  column<Value>(sql: string, ...values: readonly SqlValue[]): Value[];
}

/** An open transaction. Valid only inside the function it was handed to; no network and no await in there. */
export interface Tx extends Reader {
  /** The number of rows changed, and the id of the last inserted one. */
  run(sql: string, ...values: readonly SqlValue[]): { readonly changes: number; readonly lastId: number };
}

/** One prepared statement per text and connection: preparing costs more than running. */
export function txOn(db: Database.Database): Tx {
  const statements = new Map<string, Database.Statement>();
  const plucking = new Map<string, Database.Statement>();
  const prepared = (sql: string): Database.Statement => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    run(sql, ...values) {
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      return { changes, lastId: Number(lastInsertRowid) };
    },
    get: <Row>(sql: string, ...values: readonly SqlValue[]) => prepared(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: readonly SqlValue[]) => prepared(sql).all(...values) as Row[],
    column<Value>(sql: string, ...values: readonly SqlValue[]) {
      let statement = plucking.get(sql);
      if (!statement) {
        statement = db.prepare(sql).pluck();
        plucking.set(sql, statement);
      }
      return statement.all(...values) as Value[];
    },
  };
}
