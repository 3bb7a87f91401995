/*
 * mailbox.sort_order  where a person wants it among the others, as `modseq` told; NULL: nobody said
 */
export const mailboxOrder = `
ALTER TABLE mailbox ADD COLUMN sort_order INTEGER;
`;
