export type { Pop3Events } from './events.ts';
export { createPop3Server, type Pop3Addresses, type Pop3Server, type Pop3ServerOptions } from './pop3-server.ts';
