import { asId, Secret, systemClock, type UrlPath } from '@stopgap/core';
import type { IncomingCan, IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createJmapUpstream } from '@stopgap/upstreams';
import { openBackDoor, startLab } from '../../lab/index.ts';

/** Cyrus has no stream of events: it is asked. */
const POLL_MS = 100;

export const CYRUS_CAN: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'sent', 'drafts', 'trash', 'junk', 'archive'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: true,
  dates: true,
  delta: true,
  // One state for all mail of the account: it moves with every mailbox.
  state: false,
  // The id of the mailbox is another one instead.
  validity: false,
  headers: false,
  find: true,
  idle: true,
  push: true,
  subscribe: true,
};

export async function startCyrusWorld(): Promise<IncomingWorld> {
  const lab = await startLab({ parts: ['cyrus'], users: ['alice'] });
  const user = lab.address('alice');
  const password = lab.password('alice');
  const store = await openBackDoor({ port: lab.ports.cyrusImap, user, password });
  const path: UrlPath = {
    id: asId.path('lab'),
    provider: asId.provider('lab'),
    direction: 'incoming',
    connections: 4,
    kind: 'jmap',
    url: `http://127.0.0.1:${lab.edge.ports.jmap}/.well-known/jmap`,
  };
  const upstream = createJmapUpstream({ guard: createGuard({ allowPrivate: true }), clock: systemClock, pollMs: POLL_MS });
  return {
    store,
    async open() {
      const session = await upstream.open?.(
        path,
        async () => ({ username: user, password: new Secret(password) }),
        AbortSignal.timeout(20_000),
      );
      if (session === undefined) throw new Error('this kind can not be read');
      return session;
    },
    async cut() {
      await lab.edge.set('jmap', { mode: 'reset' });
      await lab.edge.set('jmap', { mode: 'pass' });
    },
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}
