import { MailError } from '@stopgap/core';
import type Database from 'better-sqlite3';
import { foundation } from './migrations/0001-foundation.ts';
import { mailboxes } from './migrations/0002-mailboxes.ts';
import { followUps } from './migrations/0003-follow-ups.ts';
import { doorIndexes } from './migrations/0004-door-indexes.ts';
import { http } from './migrations/0005-http.ts';
import { leaving } from './migrations/0006-leaving.ts';
import { submissionParameters } from './migrations/0007-submission-parameters.ts';
import { originals } from './migrations/0008-originals.ts';
import { mailboxOrder } from './migrations/0009-mailbox-order.ts';
import { subscribedNames } from './migrations/0010-subscribed-names.ts';
import { lineEnds } from './migrations/0011-line-ends.ts';
import { restoreRequests } from './migrations/0012-restore-requests.ts';
import { threadsStay } from './migrations/0013-threads-stay.ts';
import { watchedSince } from './migrations/0014-watched-since.ts';
import { sinceWhen } from './migrations/0015-since-when.ts';
import { cancelAsked } from './migrations/0016-cancel-asked.ts';
import { submissionKeys } from './migrations/0017-submission-keys.ts';

/** Numbered by their place, forward only; a landed one is never changed again. */
export const MIGRATIONS: readonly string[] = [
  foundation,
  mailboxes,
  followUps,
  doorIndexes,
  http,
  leaving,
  submissionParameters,
  originals,
  mailboxOrder,
  subscribedNames,
  lineEnds,
  restoreRequests,
  threadsStay,
  watchedSince,
  sinceWhen,
  cancelAsked,
  submissionKeys,
];

/** Race-safe: whoever takes the write lock first does it, the next one finds it done. An older program refuses a newer schema. */
export function migrate(db: Database.Database): void {
  const version = () => Number(db.pragma('user_version', { simple: true }));
  if (version() === MIGRATIONS.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    const from = version();
    if (from > MIGRATIONS.length) {
      throw new MailError(
        'permanent',
        `The data directory was written by a newer Stopgap (schema ${from}, this one knows ${MIGRATIONS.length}). Start the newer version.`,
        {
          code: 'schema-newer',
        },
      );
    }
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
