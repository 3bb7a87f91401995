/*
 * account.leaving_at_ms  it is being erased since then: nothing is taken in for it any more, in whatever process; its row goes last
 */
export const leaving = `
ALTER TABLE account ADD COLUMN leaving_at_ms INTEGER;
`;
