/*
 * intent.unclear_since_ms  since when a begun one was looked for upstream, and nobody can tell how it ended. NULL: not looked for yet, or told
 * intent.refused_since_ms  since when it is refused again and again. NULL: it never was
 */
export const intentSince = `
ALTER TABLE intent ADD COLUMN unclear_since_ms INTEGER;
ALTER TABLE intent ADD COLUMN refused_since_ms INTEGER;
`;
