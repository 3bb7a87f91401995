/*
 * Times are integer milliseconds since 1970; JSON is text; booleans are 0 and 1.
 *
 * account     one address at one provider; `credential` holds its sealed password, `verifier` the argon2id hash that doors ask
 * blob        message bytes; `bytes` is NULL when they lie in a file of their own, named by their SHA-256 (blobs.ts)
 * submission  one accepted outbound message; recipient its recipients, each with a state (packages/outbox/src/states.ts)
 * attempt     written before each try; `marked_at_ms` just before the last byte leaves
 * path_health, outage  the board
 */
export const foundation = `
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  provider TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('active', 'pending')),
  created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE account_address (
  address TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE
) STRICT;
CREATE INDEX account_address_account ON account_address (account_id);

CREATE TABLE verifier (
  account_id TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  argon2 TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE credential (
  account_id TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX credential_key ON credential (key_id);

CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  bytes BLOB
) STRICT;
CREATE UNIQUE INDEX blob_file ON blob (hash) WHERE bytes IS NULL;

CREATE TABLE submission (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('message', 'dsn')),
  envelope_from TEXT NOT NULL,
  ret TEXT,
  envid TEXT,
  smtp_utf8 INTEGER NOT NULL,
  eight_bit_mime INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  blob_id INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  helo TEXT NOT NULL,
  protocol TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  accepted_at_ms INTEGER NOT NULL,
  final_at_ms INTEGER,
  dsn_of TEXT
) STRICT;
CREATE INDEX submission_fingerprint ON submission (fingerprint);
CREATE INDEX submission_accepted ON submission (accepted_at_ms, id);
CREATE INDEX submission_final ON submission (final_at_ms) WHERE final_at_ms IS NOT NULL;
CREATE INDEX submission_blob ON submission (blob_id);

CREATE TABLE recipient (
  id INTEGER PRIMARY KEY,
  submission_id TEXT NOT NULL REFERENCES submission ON DELETE CASCADE,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  address TEXT NOT NULL,
  orcpt TEXT,
  notify TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'unsure', 'delivered', 'rejected', 'expired', 'cancelled')),
  held INTEGER NOT NULL DEFAULT 0,
  accepted_at_ms INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  lease_until_ms INTEGER,
  attempt_id INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  resends INTEGER NOT NULL DEFAULT 0,
  retried_at_ms INTEGER,
  route TEXT,
  reason TEXT,
  delay_noticed INTEGER NOT NULL DEFAULT 0,
  final_at_ms INTEGER
) STRICT;
CREATE INDEX recipient_submission ON recipient (submission_id);
CREATE INDEX recipient_due ON recipient (provider, not_before_ms) WHERE state = 'queued' AND held = 0;
CREATE INDEX recipient_age ON recipient (provider, accepted_at_ms) WHERE state = 'queued' AND held = 0;
CREATE INDEX recipient_leased ON recipient (lease_until_ms) WHERE state = 'leased';
CREATE INDEX recipient_unsure ON recipient (not_before_ms) WHERE state = 'unsure';
CREATE INDEX recipient_unnoticed ON recipient (provider, accepted_at_ms) WHERE state = 'queued' AND held = 0 AND delay_noticed = 0;
CREATE INDEX recipient_held ON recipient (id) WHERE held = 1;

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  submission_id TEXT NOT NULL REFERENCES submission ON DELETE CASCADE,
  route TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  marked_at_ms INTEGER,
  ended_at_ms INTEGER,
  result TEXT
) STRICT;
CREATE INDEX attempt_submission ON attempt (submission_id);

CREATE TABLE path_health (
  path TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  reason TEXT,
  breaker TEXT NOT NULL
) STRICT;

CREATE TABLE outage (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX outage_path ON outage (path, start_ms);
`;
