/* What a client does wrong. `syntax` ends the command, `ending` the connection, for nothing after it can be trusted. */

/** Answered with a tagged BAD (RFC 9051 7.1.3). */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
}

/** Answered with BYE. */
export class EndingFault extends Error {
  override readonly name = 'EndingFault';
}

/** The client is gone, or was cut; nothing can be answered. */
export class ConnectionOver extends Error {
  override readonly name = 'ConnectionOver';
}
