/*
 * attempt.marked_recipients  JSON array of recipient ids: only these may have got it by this attempt; NULL: each of its recipients
 * sent_copies  submissions with something to put in order upstream: more than one copy in Sent, because several attempts left one or tidying failed, or a
 *              draft of an attempt that was refused or proven not sent; the row goes when that is done.
 *              `noted` grows each time another attempt of it is settled, so that what is done about fewer attempts does not end it.
 * decision     what a person decided by a command, until the running relay has told of it; `submission_id` NULL: about everything that waited
 */
export const followUps = `
ALTER TABLE attempt ADD COLUMN marked_recipients TEXT;

CREATE TABLE sent_copies (
  submission_id TEXT PRIMARY KEY REFERENCES submission ON DELETE CASCADE,
  not_before_ms INTEGER NOT NULL,
  noted INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX sent_copies_due ON sent_copies (not_before_ms);

CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  submission_id TEXT,
  account_id TEXT,
  decision TEXT NOT NULL,
  recipients INTEGER NOT NULL,
  made_at_ms INTEGER NOT NULL
) STRICT;
`;
