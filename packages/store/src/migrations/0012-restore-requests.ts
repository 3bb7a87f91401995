/*
 * expunged.wanted_at_ms  somebody asked then for this message to be restored; the running relay does it, and until then it is not purged. NULL: nobody did
 * expunged.wanted_in     the name of the mailbox that it is to go to; NULL: the one it was in
 * expunged.refused       why it could not be restored when it was asked for last
 */
export const restoreRequests = `
ALTER TABLE expunged ADD COLUMN wanted_at_ms INTEGER;
ALTER TABLE expunged ADD COLUMN wanted_in TEXT;
ALTER TABLE expunged ADD COLUMN refused TEXT;
CREATE INDEX expunged_wanted ON expunged (wanted_at_ms) WHERE wanted_at_ms IS NOT NULL;
`;
