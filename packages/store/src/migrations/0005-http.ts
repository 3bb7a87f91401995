/*
 * http_session  a log-in of the web client, until it is logged out, not used for long, or its account's password is another one. `refresh_hash`: SHA-256 of
 *               the one token that renews it; `refresh_before`: of the one before, which an answer that was lost may still bring
 * upload        bytes that a client brought and nothing uses yet; a row goes, with its blob, when it is old
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

ALTER TABLE thread_merged ADD COLUMN modseq INTEGER NOT NULL DEFAULT 0;
`;
