import type { Client } from '../client.ts';
import type { Answer } from '../replies.ts';

/**
 * RFC 2449 5. What is offered is what works on this connection now: no log-in in clear where it would be refused. What can be said before the log-in is
 * announced after it, too, but STLS (RFC 2595 4).
 */
export function capa(client: Client): Answer {
  return {
    kind: 'lines',
    text: 'Capability list follows',
    lines: [
      'TOP',
      'UIDL',
      'RESP-CODES',
      'AUTH-RESP-CODE',
      'PIPELINING',
      'EXPIRE NEVER',
      'UTF8 USER',
      ...(client.mayLogIn ? ['USER', 'SASL PLAIN'] : []),
      ...(client.isSecure || client.login ? [] : ['STLS']),
      'IMPLEMENTATION Stopgap',
    ],
  };
}
