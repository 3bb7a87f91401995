import { asId, Secret, systemClock } from '@stopgap/core';
import { fakeBackDoor, startFakeRoundcube } from '@stopgap/testkit';
import { incomingContract, type IncomingCan, type IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard } from '../net/guard.ts';
import { createRoundcubeUpstream } from './upstream.ts';

const me = { address: 'alice@provider.test', password: 'secret-alice' };

const can: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'sent', 'drafts', 'trash', 'junk'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: false,
  dates: false,
  delta: false,
  state: false,
  validity: false,
  find: true,
  idle: false,
  push: true,
  exactExpunge: true,
  subscribe: true,
  trimsAppended: 'import.php trims every message (Roundcube 1.6)',
  unappendable: { nul: 'import.php takes it for no message' },
  unnameable: { '50% of * all': 'folder_save.php refuses % and *' },
};

async function start(hasZip: boolean, isThreaded: boolean): Promise<IncomingWorld> {
  const webmail = await startFakeRoundcube({ accounts: [me], onSend: () => {} });
  if (!hasZip) webmail.disable('plugin.zipdownload.messages', 'unknown');
  Object.assign(webmail.preferences(me.address), { isThreaded, pageSize: isThreaded ? 10 : 50, skipDeleted: isThreaded });
  const upstream = createRoundcubeUpstream({ guard: createGuard({ allowPrivate: true }), clock: systemClock });
  const path = { id: asId.path('p'), provider: asId.provider('p'), direction: 'incoming', connections: 2, kind: 'roundcube' } as const;
  const credential = { username: me.address, password: new Secret(me.password) };
  return {
    store: fakeBackDoor(webmail, me.address),
    async open() {
      if (upstream.open === undefined) throw new Error('it can not be opened');
      return upstream.open({ ...path, url: webmail.url }, async () => credential, AbortSignal.timeout(20_000));
    },
    cut: async () => webmail.expireSessions(),
    close: () => webmail.close(),
  };
}

incomingContract('a fake Roundcube with zipdownload', { can, start: () => start(true, false) });
incomingContract('a fake Roundcube without it, with threads on 10 a page', { can, start: () => start(false, true) });
