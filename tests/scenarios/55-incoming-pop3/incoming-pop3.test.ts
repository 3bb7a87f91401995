/* The incoming contract by POP3, against Dovecot; the store is looked at by IMAP. */
import { readFileSync } from 'node:fs';
import { asId, Secret, systemClock, type HostPath, type IncomingSession } from '@stopgap/core';
import { CALM, fetchAll, HARD_MESSAGES, incomingContract, mailboxAt, type IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { expect, test } from 'vitest';
import { openBackDoor, startLab } from '../../lab/index.ts';

const USER = 'alice';

incomingContract('POP3', {
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
    unstorable: { nul: 'stored it is, but IMAP, by which the store is looked at here, shows a NUL as another octet; see below' },
  },
  start: startWorld,
});

test('a NUL comes as it was stored', async () => {
  const world = await startWorld();
  try {
    await world.store.append(['INBOX'], { bytes: HARD_MESSAGES.nul });
    const session = await world.open();
    const { id } = await mailboxAt(session, ['INBOX']);
    const listing = await session.changes(id, { known: new Set() }, CALM);
    const ids = listing.kind === 'full' ? listing.messages.map((message) => message.id) : [];
    const [whole] = await fetchAll(session, id, ids);
    expect(whole?.bytes).toEqual(HARD_MESSAGES.nul);
    expect(whole?.completeness).toBe('raw');
    await session.close();
  } finally {
    await world.close();
  }
});

async function startWorld(): Promise<IncomingWorld> {
  const lab = await startLab({ parts: ['dovecot'], users: [USER] });
  const store = await openBackDoor({ port: lab.ports.imap, user: USER, password: lab.password(USER) });
  const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const { pop3 } = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });
  const path: HostPath = {
    id: asId.path('provider incoming pop3'),
    provider: asId.provider('provider'),
    direction: 'incoming',
    kind: 'pop3',
    host: `mail.${lab.domain}`,
    port: lab.edge.ports.pop3,
    security: 'starttls',
    ca: readFileSync(lab.caFile, 'utf8'),
    connections: 5,
  };
  return {
    store,
    async open(): Promise<IncomingSession> {
      const credential = async () => ({ username: lab.address(USER), password: new Secret(lab.password(USER)) });
      const session = await pop3.open?.(path, credential, AbortSignal.timeout(30_000));
      if (session === undefined) throw new Error('POP3 can not be read');
      return session;
    },
    async cut() {
      await lab.edge.set('pop3', { mode: 'refuse' });
      await lab.edge.set('pop3', { mode: 'pass' });
    },
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}
