/* The practice provider's IMAP keeps to what a real one does: the mirror that works on it works on real ones. */
import { asId, Secret, systemClock } from '@stopgap/core';
import { fakeBackDoor } from '@stopgap/testkit';
import { incomingContract, type IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { ANNA } from './practice-accounts.ts';
import { startPracticeProvider } from './practice-provider.ts';

const { imap } = createUpstreams({ guard: createGuard({ allowPrivate: true }), clock: systemClock, heloName: 'relay.demo.test' });

async function start(): Promise<IncomingWorld> {
  const provider = await startPracticeProvider({ accounts: [ANNA] });
  const path = {
    kind: 'imap' as const,
    id: asId.path('practice'),
    provider: asId.provider('practice'),
    direction: 'incoming' as const,
    connections: 10,
    host: '127.0.0.1',
    port: provider.imapPort,
    security: 'none' as const,
  };
  const { address: username } = ANNA;
  return {
    store: fakeBackDoor({ storage: provider.storageOf }, username),
    async open() {
      if (imap.open === undefined) throw new Error('this path can not be read');
      return await imap.open(path, async () => ({ username, password: new Secret(ANNA.password) }), new AbortController().signal);
    },
    async cut() {
      provider.setUp('imap', false);
      provider.setUp('imap', true);
    },
    async close() {
      await provider[Symbol.asyncDispose]();
    },
  };
}

incomingContract('IMAP of the practice provider', {
  can: {
    mailboxes: true,
    roles: ['inbox', 'sent', 'drafts', 'trash', 'junk'],
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
    unnameable: { '50% of * all': 'its webmail could not show it' },
  },
  start,
});
