/*
 * http_session  a log-in of the web client, until it is logged out, not used for long, or its account's password is another one. `refresh_hash`: SHA-256 of
 *               the one token that renews it; `refresh_before`: of the one before, which an answer that was lost may still bring
 * upload        bytes that a client brought and nothing uses yet; a row goes, with its blob, when it is old
 * jmap_submission  what a submission that came by JMAP was made of; `key`: the client's own name for it, so that it is never made twice
 * send_later    a submission that is held until then
 * identity      what a person set for one of the addresses, as JSON
 * thread_merged.modseq  when it was merged, for those who ask what changed; 0: before anybody could ask
 */
export const http = `
CREATE TABLE http_session (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  verifier_mark TEXT NOT NULL,
  refresh_hash TEXT NOT NULL,
  refresh_before TEXT,
  agent TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  renewed_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX http_session_account ON http_session (account_id);
CREATE INDEX http_session_age ON http_session (renewed_at_ms);

CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  blob_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_account ON upload (account_id);
CREATE INDEX upload_age ON upload (created_at_ms);
CREATE INDEX upload_blob ON upload (blob_id);

CREATE TABLE jmap_submission (
  submission_id TEXT PRIMARY KEY REFERENCES submission ON DELETE CASCADE,
  account_id TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  key TEXT,
  send_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX jmap_submission_key ON jmap_submission (account_id, key) WHERE key IS NOT NULL;

CREATE TABLE send_later (
  submission_id TEXT PRIMARY KEY REFERENCES submission ON DELETE CASCADE,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX send_later_at ON send_later (at_ms);

CREATE TABLE identity (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  address TEXT NOT NULL,
  properties TEXT NOT NULL,
  PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX submission_account ON submission (account_id, accepted_at_ms);

ALTER TABLE thread_merged ADD COLUMN modseq INTEGER NOT NULL DEFAULT 0;
`;
