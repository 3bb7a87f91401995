/*
 * intent.unclear_since_ms  since when a begun one was looked for upstream, and nobody can tell how it ended. NULL: not looked for yet, or told
 */
export const intentSince = `
ALTER TABLE intent ADD COLUMN unclear_since_ms INTEGER;
`;
