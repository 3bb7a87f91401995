import type { Command } from '../client.ts';
import { bad, ok } from '../replies.ts';

/** RFC 9051 6.2.1. Without capabilities in its OK: the client must ask again inside of TLS. */
export const starttls: Command = {
  state: 'stranger',
  run(args, client) {
    args.end();
    if (client.isSecure || !client.capabilities().includes('STARTTLS')) return bad('TLS can not begin here');
    return { ...ok('Begin TLS now'), afterwards: () => client.startTls() };
  },
};
