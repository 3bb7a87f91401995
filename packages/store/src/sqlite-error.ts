import { MailError, messageOf } from '@stopgap/core';

/** better-sqlite3 throws its SqliteError with the extended result code as `code`. */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** After one of these the descriptor is not to be trusted again: a second fsync could succeed without the data being there (fsyncgate). */
export function isBrokenDescriptor(error: unknown): boolean {
  return sqliteCode(error).startsWith('SQLITE_IOERR');
}

/** What a caller of the store may see of a database error. Anything else passes as it is. */
export function asMailError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (!code.startsWith('SQLITE_')) return error;
  if (code === 'SQLITE_FULL') {
    return new MailError('transient', 'The disk that holds the data directory is full. Make room; nothing accepted is lost.', {
      code: 'store-full',
      reply: 'insufficient system storage',
      cause: error,
    });
  }
  if (isBusy(error)) {
    return new MailError('transient', 'The store is locked by another program. Close it, or wait.', { code: 'store-busy', cause: error });
  }
  if (code.startsWith('SQLITE_CONSTRAINT'))
    return new MailError('bug', `The store refused a row: ${messageOf(error)}`, { code: 'store-constraint', cause: error });
  return new MailError('transient', `The store failed: ${messageOf(error)} (${code})`, { code: 'store-failed', cause: error });
}
