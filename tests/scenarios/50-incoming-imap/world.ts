import { asId, Secret, systemClock, type HostPath, type IncomingSession, type Security } from '@stopgap/core';
import type { IncomingCan, IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { openBackDoor, startLab, type Lab } from '../../lab/index.ts';

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
  find: true,
  idle: true,
  push: true,
  subscribe: true,
  exactExpunge: true,
};

export interface Door {
  readonly host?: string;
  readonly port: number;
  readonly security?: Security;
  readonly ca?: string;
  readonly user: string;
  readonly password: string;
}

export async function openSession({ host = '127.0.0.1', port, security = 'none', ca, user, password }: Door): Promise<IncomingSession> {
  const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const { imap } = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });
  const path: HostPath = {
    id: asId.path('lab'),
    provider: asId.provider('lab'),
    direction: 'incoming',
    connections: 10,
    kind: 'imap',
    host,
    port,
    security,
    ...(ca === undefined ? {} : { ca }),
  };
  if (imap.open === undefined) throw new Error('this path can not be read');
  return imap.open(path, async () => ({ username: user, password: new Secret(password) }), new AbortController().signal);
}

/** Dovecot behind the lab's edge, which cuts; the back door goes to the server itself. `imapCapability` hides what the rest would give away. */
export async function startDovecotWorld(imapCapability?: string): Promise<IncomingWorld> {
  const dovecot = imapCapability === undefined ? {} : { imapCapability };
  return worldOf(await startLab({ parts: ['dovecot'], users: ['alice'], dovecot }), 'imap');
}

export async function startCyrusWorld(): Promise<IncomingWorld> {
  return worldOf(await startLab({ parts: ['cyrus'], users: ['alice'] }), 'cyrusImap');
}

async function worldOf(lab: Lab, door: 'imap' | 'cyrusImap'): Promise<IncomingWorld> {
  const [user, password] = [lab.address('alice'), lab.password('alice')];
  const store = await openBackDoor({ port: lab.ports[door], user, password });
  return {
    store,
    open: () => openSession({ port: lab.edge.ports[door], user, password }),
    async cut() {
      await lab.edge.set(door, { mode: 'reset' });
      await lab.edge.set(door, { mode: 'pass' });
    },
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}
