import { asId, pathIdOf, type Provider } from '@stopgap/core';

/** Whose customers the dialogs' clients are. */
export const PROVIDER: Provider = {
  name: asId.provider('a'),
  domains: ['a.test'],
  login: 'address',
  incoming: [
    {
      id: pathIdOf('a', 'incoming', 'imap', 'imap.a.test:993'),
      provider: asId.provider('a'),
      direction: 'incoming',
      kind: 'imap',
      host: 'imap.a.test',
      port: 993,
      security: 'tls',
      connections: 10,
    },
  ],
  outgoing: [],
  probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
};
