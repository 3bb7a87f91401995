import { asId, Secret, systemClock, type HostPath } from '@stopgap/core';
import type { IncomingCan, IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { openBackDoor, startLab } from '../../lab/index.ts';

/** All that Dovecot 2.3 says of itself. */
export const DOVECOT_CAN: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'sent', 'drafts', 'trash', 'junk', 'archive'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: true,
  dates: true,
  delta: true,
  state: true,
  validity: true,
  headers: true,
  find: true,
  idle: true,
  push: true,
  subscribe: true,
  exactExpunge: true,
};

/** Dovecot behind the lab's edge, which cuts; the back door goes to the server itself. `imapCapability` hides what the rest would give away. */
export async function startDovecotWorld(imapCapability?: string): Promise<IncomingWorld> {
  const lab = await startLab({
    parts: ['dovecot'],
    users: ['alice'],
    ...(imapCapability === undefined ? {} : { dovecot: { imapCapability } }),
  });
  const [user, password] = [lab.address('alice'), lab.password('alice')];
  const store = await openBackDoor({ port: lab.ports.imap, user, password });
  const upstream = createUpstreams({ guard: createGuard({ allowPrivate: true }), clock: systemClock, heloName: 'relay.test' }).imap;
  const path: HostPath = {
    id: asId.path('lab'),
    provider: asId.provider('lab'),
    direction: 'incoming',
    connections: 10,
    kind: 'imap',
    host: '127.0.0.1',
    port: lab.edge.ports.imap,
    security: 'none',
  };
  return {
    store,
    async open() {
      if (upstream.open === undefined) throw new Error('this path can not be read');
      return upstream.open(path, async () => ({ username: user, password: new Secret(password) }), new AbortController().signal);
    },
    async cut() {
      await lab.edge.set('imap', { mode: 'reset' });
      await lab.edge.set('imap', { mode: 'pass' });
    },
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}
