/* The incoming contract by POP3 against the server of testkit; tests/scenarios/55-incoming-pop3 runs it against Dovecot. */
import { asId, Secret, systemClock, type HostPath } from '@stopgap/core';
import { startHostilePop3, type HostilePop3, type Letter } from '@stopgap/testkit';
import { incomingContract, type BackDoor, type IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '../index.ts';

incomingContract('POP3, without TLS and real servers', {
  can: {
    mailboxes: false,
    roles: ['inbox'],
    seesNewMail: false,
    flags: false,
    keywords: false,
    sizes: true,
    dates: false,
    delta: false,
    state: true,
    validity: false,
    find: false,
    idle: false,
    push: false,
    subscribe: false,
    exactExpunge: false,
  },
  start: startWorld,
});

async function startWorld(): Promise<IncomingWorld> {
  const server = await startHostilePop3();
  const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const { pop3 } = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });
  const path: HostPath = {
    id: asId.path('test incoming pop3'),
    provider: asId.provider('test'),
    direction: 'incoming',
    kind: 'pop3',
    host: 'mail.provider.test',
    port: server.port,
    security: 'none',
    connections: 5,
  };
  return {
    store: backDoorOf(server),
    async open() {
      const session = await pop3.open?.(path, async () => ({ username: 'alice', password: new Secret('x') }), AbortSignal.timeout(10_000));
      if (session === undefined) throw new Error('POP3 can not be read');
      return session;
    },
    async cut() {
      server.cut();
    },
    async close() {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** INBOX and nothing else; what POP3 does not show is not kept. */
function backDoorOf(server: HostilePop3): BackDoor {
  let made = 0;
  const only = async (): Promise<never> => {
    throw new Error('there is only INBOX');
  };
  return {
    async append(_path, { bytes }) {
      made += 1;
      const letter: Letter = { uidl: `id${made}`, bytes };
      server.letters = [...server.letters, letter];
    },
    async changeFlags() {},
    async expunge(_path, places) {
      server.letters = server.letters.filter((_, place) => !places.includes(place));
    },
    messages: async () => server.letters.map(({ bytes }) => ({ bytes, flags: [], receivedAtMs: 0 })),
    mailboxes: async () => ['INBOX'],
    createMailbox: only,
    renameMailbox: only,
    deleteMailbox: only,
  };
}
