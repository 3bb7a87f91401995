/*
 * message.original_id  the message whose content this is a copy of, which may be gone; NULL: it is no copy. Ids of messages are never used again
 */
export const originals = `
ALTER TABLE message ADD COLUMN original_id INTEGER;
`;
