/*
 * recipient.cancel_asked  1: somebody cancelled it while it may have been leaving or was unsure; once it turns out not to have left it is cancelled
 */
export const cancelAsked = `
ALTER TABLE recipient ADD COLUMN cancel_asked INTEGER NOT NULL DEFAULT 0;
`;
