/*
 * Glossary: one word, one meaning, in code, log, table and API alike.
 *
 * provider    a mail company: its domains and its paths
 * path        one way to reach a provider for one purpose: incoming (imap, pop3, ...) or outgoing (smtp, roundcube, ...)
 * upstream    the code that speaks one kind of path; session: a live log-in on it
 * account     one address at one provider, with its sealed credential
 * submission  one accepted outbound message: envelope, message, recipients
 * attempt     one try to deliver some recipients of a submission by one route
 * route       an outgoing path in use; outcome: what an attempt gave a recipient
 * mark        the durable note, made just before the last byte leaves, that from here the end may be unknown
 * witness     a trace upstream (in Sent) that proves one attempt
 * mirror      the mailboxes and messages of an account that are held here
 * listing     what a path says that a mailbox holds; cursor: where the next one goes on
 * change      a numbered fact about the mirror, shown to clients; its number is the MODSEQ
 * intent      something a user did here that upstream has still to be told (flag, move, delete, append)
 * expunged    deleted here: gone for clients, restorable for a stated time
 * outage      an interval in which a path is down
 * door        a server that clients connect to
 */
export * from './address.ts';
export * from './backoff.ts';
export * from './blob.ts';
export * from './clock.ts';
export * from './decision.ts';
export * from './envelope.ts';
export * from './errors.ts';
export * from './flags.ts';
export * from './health.ts';
export * from './ids.ts';
export * from './incoming.ts';
export * from './network.ts';
export * from './outcome.ts';
export * from './path.ts';
export * from './retry-after.ts';
export * from './route.ts';
export * from './secret.ts';
export * from './upstream.ts';
