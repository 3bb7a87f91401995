import { asId, Secret, systemClock, type UrlPath } from '@stopgap/core';
import type { IncomingCan, IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard } from '@stopgap/upstreams';
import { createJmapUpstream } from '@stopgap/upstreams/web';
import { openBackDoor, startLab } from '../../lab/index.ts';

/** Cyrus has no stream of events: it is asked. */
const POLL_MS = 100;
/** No test needs more at once. */
const MOST_MAILBOXES = 3;

export const CYRUS_CAN: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'sent', 'drafts', 'trash', 'junk', 'archive'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: true,
  dates: true,
  delta: true,
  state: 'account',
  // The id of the mailbox is another one instead.
  validity: false,
  find: true,
  idle: true,
  push: true,
  subscribe: true,
  exactExpunge: true,
  mergesEqual: true,
  hidesDeleted: true,
  unstorable: { 'bare-lf': 'Cyrus takes none by IMAP', nul: 'Cyrus takes none' },
  unnameable: Object.fromEntries(
    ['a "quoted" name', 'back\\slash', '50% of * all', '(round) {3} [square]', "O'Brien; DROP"].map((name) => [name, 'Cyrus refuses it']),
  ),
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
  const made: (readonly string[])[] = [];
  let came = Date.now() - 86_400_000;
  return {
    store: {
      ...store,
      // JMAP sorts by the date, which has whole seconds: no two may come in the same one.
      append: (to, message) => store.append(to, { receivedAtMs: (came += 1000), ...message }),
      // What is equal is one e-mail for Cyrus, in at most 20 mailboxes: those of earlier tests go.
      async createMailbox(to) {
        made.push(to);
        const [oldest] = made;
        if (made.length > MOST_MAILBOXES && oldest !== undefined) {
          made.shift();
          await store.deleteMailbox(oldest).catch(() => undefined);
        }
        await store.createMailbox(to);
      },
    },
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
