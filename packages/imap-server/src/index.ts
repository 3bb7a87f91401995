export type { ImapEvents } from './events.ts';
export { createImapServer, type ImapAddresses, type ImapServer, type ImapServerOptions } from './imap-server.ts';
export type { SearchCriteria } from './search-criteria.ts';
export type * from './session.ts';
export type { ImapLimits, LoggedIn } from './settings.ts';
