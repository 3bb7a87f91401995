export type { ImapEvents } from './events.ts';
export { createImapServer, type ImapAddresses, type ImapServer, type ImapServerOptions } from './imap-server.ts';
export type { MailboxSessionDeps } from './mailbox-session/deps.ts';
export { openMailboxSession } from './mailbox-session/mailbox-session.ts';
export { WaitingMail, type OutboxNews } from './mailbox-session/waiting-mail.ts';
export type { SearchCriteria } from './search-criteria.ts';
export type * from './session.ts';
export type { ImapLimits, LoggedIn } from './settings.ts';
