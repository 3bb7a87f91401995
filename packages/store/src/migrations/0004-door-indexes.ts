/*
 * What doors ask of a large mailbox when it is opened and emptied. Each index holds only the messages that are asked for, so that it costs a message that is
 * read, unmarked and without keywords nothing.
 */
export const doorIndexes = `
CREATE INDEX message_unseen ON message (mailbox_id, uid) WHERE flags & 1 = 0;
CREATE INDEX message_deleted ON message (mailbox_id, uid) WHERE flags & 8 <> 0;
CREATE INDEX message_keywords ON message (mailbox_id, keywords) WHERE keywords <> '';
`;
