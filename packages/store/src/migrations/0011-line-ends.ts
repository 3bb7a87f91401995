/*
 * message.missing_line_end_bytes  so many octets more than its bytes here have are sent where every line ends with CRLF (POP3); NULL: they were not counted
 *                                 when it came, by an older program. Those whose bytes are here are in an index, which counting empties
 */
export const lineEnds = `
ALTER TABLE message ADD COLUMN missing_line_end_bytes INTEGER;
CREATE INDEX message_uncounted ON message (mailbox_id, uid) WHERE missing_line_end_bytes IS NULL AND blob_id IS NOT NULL;
`;
