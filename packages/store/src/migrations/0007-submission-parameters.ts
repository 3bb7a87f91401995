/*
 * jmap_submission.parameters  those of its envelope as the client gave them, as JSON `{ mailFrom, rcptTo: { address: {} } }`; NULL: none
 * submission_notice           our notices about a submission
 */
export const submissionParameters = `
ALTER TABLE jmap_submission ADD COLUMN parameters TEXT;
CREATE INDEX submission_notice ON submission (dsn_of) WHERE dsn_of IS NOT NULL;
`;
