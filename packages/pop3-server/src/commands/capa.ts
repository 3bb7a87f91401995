import type { Client } from '../client.ts';
import type { Answer } from '../replies.ts';

/** RFC 2449 5. What is offered is what works on this connection now: no log-in in clear where it would be refused. */
export function capa(client: Client): Answer {
  const isLoggedIn = client.login !== undefined;
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
      ...(client.mayLogIn && !isLoggedIn ? ['USER', 'SASL PLAIN'] : []),
      ...(client.isSecure || isLoggedIn ? [] : ['STLS']),
      'IMPLEMENTATION Stopgap',
    ],
  };
}
