import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
  find: true,
  idle: false,
  push: true,
  exactExpunge: true,
  subscribe: true,
  trimsAppended: 'import.php trims every message (Roundcube 1.6)',
  unappendable: { 'bare-cr': 'a lone CR becomes a line end', nul: 'import.php takes it for no message' },
  unnameable: { '50% of * all': 'folder_save.php refuses % and *' },
};

/** The list as some people have it: few rows, as threads, without what is marked deleted. */
export const ODD_TASTE = `$config['mail_pagesize'] = 10; $config['default_list_mode'] = 'threads'; $config['skip_deleted'] = true;`;

export interface RoundcubeLab extends IncomingWorld {
  readonly lab: Lab;
  /** In the webmail's own database; gives the rows of a SELECT. */
  sql(text: string): Record<string, unknown>[];
}

/** @param imapCapability what the server behind the webmail says it can; undefined: all that it can */
export async function startRoundcubeLab(options: RoundcubeOptions = {}, imapCapability?: string): Promise<RoundcubeLab> {
  const extraConfig = `${PATIENT}\n${options.extraConfig ?? ''}`;
  const lab = await startLab({
    parts: ['dovecot', 'roundcube'],
    users: ['alice'],
    roundcube: { ...options, extraConfig },
    ...(imapCapability === undefined ? {} : { dovecot: { imapCapability } }),
  });
  const store = await openBackDoor({ port: lab.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
  const sql = (text: string): Record<string, unknown>[] => {
    using database = new DatabaseSync(join(lab.dir, 'roundcube/db/roundcube.sqlite'), { timeout: 5000 });
    return database.prepare(text).all();
  };
  return {
    lab,
    store,
    sql,
    open: () => openSession(`http://127.0.0.1:${lab.ports.roundcube}/`, lab),
    cut: async () => void sql('DELETE FROM session'),
    async close() {
      await store.close();
      await lab.stop();
    },
  };
}

/** A person whose pages are in German; known to the webmail from the first log-in on. */
export async function startGermanLab(options: RoundcubeOptions): Promise<RoundcubeLab> {
  const world = await startRoundcubeLab(options);
  await (await world.open()).close();
  world.sql("UPDATE users SET language = 'de_DE'");
  return world;
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
