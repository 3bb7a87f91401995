/*
 * intent.unclear_since_ms  since when a begun one was looked for upstream, and nobody can tell how it ended. NULL: not looked for yet, or told
 * intent.refused_since_ms  since when it is refused again and again. NULL: it never was
 * message.shown_modseq  the last change by which it was there again for JMAP: restored, or no longer marked as deleted. NULL: it was there all the time
 */
export const sinceWhen = `
ALTER TABLE intent ADD COLUMN unclear_since_ms INTEGER;
ALTER TABLE intent ADD COLUMN refused_since_ms INTEGER;
ALTER TABLE message ADD COLUMN shown_modseq INTEGER;
`;
