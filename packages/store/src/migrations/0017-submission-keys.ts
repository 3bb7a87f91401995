/*
 * jmap_submission_key  by which names of its clients a submission is known, so that it is never made twice: it may have several, and they stay when the client
 *                      destroys what it sees of it
 */
export const submissionKeys = `
DROP INDEX jmap_submission_key;
CREATE TABLE jmap_submission_key (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  submission_id TEXT NOT NULL REFERENCES submission ON DELETE CASCADE,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX jmap_submission_key_submission ON jmap_submission_key (submission_id);
INSERT INTO jmap_submission_key (account_id, key, submission_id) SELECT account_id, key, submission_id FROM jmap_submission WHERE key IS NOT NULL;
ALTER TABLE jmap_submission DROP COLUMN key;
`;
