/*
 * The mirror: what an account's mailboxes hold, how that hangs together with what its provider shows, and what has still to be carried back.
 *
 * mail_account    one row for each mirrored account: its last change number (MODSEQ), up to which number expunged rows are forgotten, its last
 *                 UIDVALIDITY (each new one is greater) and its next thread
 * mailbox         names are paths joined by `/`; `total`, `unseen` and `size_bytes` are kept by the operations. `modseq`: of its own properties;
 *                 `highest_modseq`: of anything in it
 * mailbox_gone    deleted mailboxes, for those who ask what changed; and a floor for the next UIDVALIDITY of that name
 * message         one message in one mailbox, narrow on purpose: flags of 100,000 are read at once. `blob_id` NULL: only what `message_view` holds is
 *                 known. System flags are bits: 1 seen, 2 answered, 4 flagged, 8 deleted, 16 draft; keywords are joined by blanks.
 *                 `hash_key`: the first 52 bits of the view's `hash`, for looking content up.
 * message_view    what lists and searches show of it, as JSON and text, made at arrival; and the hash of its bytes
 * expunged        one row for each UID that is gone; `kept` holds the message as it was until it is purged, so that it can be brought back. It is NULL
 *                 for a UID that was left by a move, and once the message is back
 * thread_ref      which thread a Message-ID (the first 52 bits of its SHA-256) belongs to, also one that is only referred to
 * thread_subject  the newest thread of a base subject; `waits`: a reply without references that came before what it answers
 * thread_merged   a thread that became part of another; the rows above may still name it
 * contact         addresses met in mirrored and sent mail
 * remote_mailbox  one mailbox in one space of ids (packages/mirror/README.md); `cursor` and `state` are the session's own texts
 * remote_message  which local message a remote id is; flags as last seen there: the base of a merge. `missed_at_ms`: absent from a listing since
 * intent          what was done here and upstream has still to be told, in order
 * mirror          for each account: how far, by which path, what was asked for by a person, the last report
 */
export const mailboxes = `
CREATE TABLE mail_account (
  account_id TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  modseq INTEGER NOT NULL DEFAULT 1,
  forgotten_modseq INTEGER NOT NULL DEFAULT 0,
  uid_validity INTEGER NOT NULL DEFAULT 0,
  next_thread INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL,
  role TEXT,
  subscribed INTEGER NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL DEFAULT 1,
  total INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0,
  size_bytes INTEGER NOT NULL DEFAULT 0,
  created_modseq INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  highest_modseq INTEGER NOT NULL,
  UNIQUE (account_id, name)
) STRICT;
CREATE UNIQUE INDEX mailbox_role ON mailbox (account_id, role) WHERE role IS NOT NULL;

CREATE TABLE mailbox_gone (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  created_modseq INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  gone_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX mailbox_gone_modseq ON mailbox_gone (account_id, modseq);
CREATE INDEX mailbox_gone_name ON mailbox_gone (account_id, name);

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox,
  uid INTEGER NOT NULL,
  blob_id INTEGER,
  blob_bytes INTEGER,
  hash_key INTEGER,
  completeness TEXT NOT NULL CHECK (completeness IN ('raw', 'rebuilt', 'headers')),
  size_bytes INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  sent_at_ms INTEGER,
  saved_at_ms INTEGER NOT NULL,
  flags INTEGER NOT NULL DEFAULT 0,
  keywords TEXT NOT NULL DEFAULT '',
  thread_id INTEGER NOT NULL,
  created_modseq INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  UNIQUE (mailbox_id, uid)
) STRICT;
CREATE INDEX message_changed ON message (account_id, modseq);
CREATE INDEX message_content ON message (mailbox_id, hash_key) WHERE hash_key IS NOT NULL;
CREATE INDEX message_received ON message (account_id, received_at_ms);
CREATE INDEX message_mailbox_received ON message (mailbox_id, received_at_ms);
CREATE INDEX message_thread ON message (account_id, thread_id);
CREATE INDEX message_blob ON message (blob_id) WHERE blob_id IS NOT NULL;

CREATE TABLE message_view (
  message_id INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
  hash TEXT,
  envelope TEXT NOT NULL,
  structure TEXT NOT NULL,
  preview TEXT NOT NULL,
  attachments TEXT NOT NULL
) STRICT;

CREATE TABLE expunged (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  created_modseq INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  expunged_at_ms INTEGER NOT NULL,
  by TEXT NOT NULL CHECK (by IN ('here', 'upstream', 'moved')),
  blob_id INTEGER,
  kept TEXT
) STRICT;
CREATE INDEX expunged_modseq ON expunged (account_id, modseq);
CREATE INDEX expunged_mailbox ON expunged (mailbox_id, modseq);
CREATE INDEX expunged_age ON expunged (expunged_at_ms);
CREATE UNIQUE INDEX expunged_message ON expunged (message_id) WHERE kept IS NOT NULL;
CREATE INDEX expunged_blob ON expunged (blob_id) WHERE blob_id IS NOT NULL;

CREATE TABLE thread_ref (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  ref INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  PRIMARY KEY (account_id, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_subject (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  subject INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  waits INTEGER NOT NULL,
  PRIMARY KEY (account_id, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_merged (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  thread_id INTEGER NOT NULL,
  into_thread_id INTEGER NOT NULL,
  PRIMARY KEY (account_id, thread_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  received INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL DEFAULT 0,
  last_seen_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE remote_mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  space TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  mailbox_id INTEGER NOT NULL,
  validity TEXT,
  cursor TEXT,
  state TEXT,
  total INTEGER NOT NULL DEFAULT 0,
  listed_at_ms INTEGER,
  missed_at_ms INTEGER,
  brake TEXT,
  UNIQUE (account_id, space, remote_id)
) STRICT;
CREATE INDEX remote_mailbox_local ON remote_mailbox (mailbox_id);

CREATE TABLE remote_message (
  remote_mailbox_id INTEGER NOT NULL REFERENCES remote_mailbox ON DELETE CASCADE,
  remote_id TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  keywords TEXT NOT NULL,
  missed_at_ms INTEGER,
  PRIMARY KEY (remote_mailbox_id, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remote_message_local ON remote_message (message_id);

CREATE TABLE intent (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  kind TEXT NOT NULL,
  message_id INTEGER,
  mailbox_id INTEGER,
  detail TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'begun', 'done', 'failed')),
  created_at_ms INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  path TEXT,
  reason TEXT,
  ended_at_ms INTEGER
) STRICT;
CREATE INDEX intent_account ON intent (account_id, state, id);
CREATE INDEX intent_mailbox ON intent (mailbox_id) WHERE state IN ('waiting', 'begun');
CREATE INDEX intent_message ON intent (message_id) WHERE state IN ('waiting', 'begun');
CREATE INDEX intent_ended ON intent (ended_at_ms) WHERE ended_at_ms IS NOT NULL;

CREATE TABLE mirror (
  account_id TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  path TEXT,
  state TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  last_update_ms INTEGER,
  next_at_ms INTEGER NOT NULL DEFAULT 0,
  asked_at_ms INTEGER,
  progress TEXT,
  report TEXT
) STRICT;
CREATE INDEX mirror_next ON mirror (next_at_ms);
`;
