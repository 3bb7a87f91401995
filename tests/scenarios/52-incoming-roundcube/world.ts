import { asId, Secret, systemClock, type IncomingSession } from '@stopgap/core';
import type { IncomingCan, IncomingWorld } from '@stopgap/testkit/incoming-contract';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { openBackDoor, startLab, type Lab, type RoundcubeOptions } from '../../lab/index.ts';

/** Roundcube counts failures by person and minute; a suite makes more of them than a person would. */
const PATIENT = `$config['login_rate_limit'] = 1000;`;

const upstream = createUpstreams({ guard: createGuard({ allowPrivate: true }), clock: systemClock, heloName: 'relay.test' }).roundcube;

export const ROUNDCUBE_CAN: IncomingCan = {
  mailboxes: true,
  roles: ['inbox', 'sent', 'drafts', 'trash', 'junk', 'archive'],
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: false,
  dates: false,
  delta: false,
  state: false,
  validity: false,
  headers: false,
  find: true,
  idle: false,
  push: true,
  subscribe: true,
  trimsAppended: 'import.php trims every message (Roundcube 1.6)',
  unappendable: { 'bare-cr': 'a lone CR becomes a line end', nul: 'import.php takes it for no message' },
  unnameable: { '50% of * all': 'folder_save.php refuses % and *' },
};

export interface RoundcubeLab extends IncomingWorld {
  readonly lab: Lab;
}

export async function startRoundcubeLab(options: RoundcubeOptions = {}): Promise<RoundcubeLab> {
  const extraConfig = `${PATIENT}\n${options.extraConfig ?? ''}`;
  const lab = await startLab({ parts: ['dovecot', 'roundcube'], users: ['alice'], roundcube: { ...options, extraConfig } });
  const store = await openBackDoor({ port: lab.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
  return {
    lab,
    store,
    open: () => openSession(`http://127.0.0.1:${lab.ports.roundcube}/`, lab),
    // What a session holds on to is a row in the webmail's own database.
    cut: async () => {
      await lab.stop('roundcube');
      await lab.start('roundcube');
    },
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}

export function openSession(url: string, lab: Lab): Promise<IncomingSession> {
  if (upstream.open === undefined) throw new Error('it can not be opened');
  const path = {
    id: asId.path('lab'),
    provider: asId.provider('lab'),
    direction: 'incoming',
    connections: 4,
    kind: 'roundcube',
    url,
  } as const;
  const credential = { username: lab.address('alice'), password: new Secret(lab.password('alice')) };
  return upstream.open(path, async () => credential, AbortSignal.timeout(60_000));
}
