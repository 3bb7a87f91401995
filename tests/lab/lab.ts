import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { prepareCyrus } from './cyrus.ts';
import type { Cyrus } from './cyrus.ts';
import type { DovecotOptions } from './dovecot-config.ts';
import { prepareDovecot, saslSocket } from './dovecot.ts';
import { openEdge } from './edge/edge.ts';
import type { Edge } from './edge/edge.ts';
import { makeHome } from './home.ts';
import type { Home } from './home.ts';
import { readMaildir } from './maildir.ts';
import type { Part } from './part.ts';
import { claimPorts } from './ports.ts';
import type { InternalPorts, PortBlock } from './ports.ts';
import { preparePostfix } from './postfix.ts';
import { prepareRoundcube } from './roundcube.ts';
import type { RoundcubeOptions } from './roundcube.ts';
import { prepareSink } from './sink.ts';
import type { Departed } from './sink.ts';

/** In the order in which they start. `sink` (the outside world) comes with postfix. */
export type PartName = 'dovecot' | 'sink' | 'postfix' | 'roundcube' | 'cyrus';

export interface LabOptions {
  /** Local parts; default alice, bob, carol. */
  readonly users?: readonly string[];
  /** Default: all but cyrus. postfix and roundcube need dovecot; cyrus sends through postfix. */
  readonly parts?: readonly PartName[];
  /** Default provider.test. */
  readonly domain?: string;
  readonly roundcube?: RoundcubeOptions;
  readonly dovecot?: DovecotOptions;
}

export interface Lab extends AsyncDisposable {
  readonly domain: string;
  readonly dir: string;
  readonly caFile: string;
  /** The servers themselves, always healthy. */
  readonly ports: InternalPorts;
  /** The doors that can fail. */
  readonly edge: Edge;
  address(user: string): string;
  password(user: string): string;
  /** Also Cyrus', which has the users of the same names. `extra`: Dovecot extra fields, e.g. `nologin reason=Maintenance`. Done when the next log-in meets it (up to 1 s). */
  setPassword(user: string, password: string, extra?: string): Promise<void>;
  inbox(user: string): Promise<Buffer[]>;
  /** IMAP name (modified UTF-7); empty when it does not exist yet. */
  mailbox(user: string, mailbox: string): Promise<Buffer[]>;
  /** What has wholly arrived in the outside world, oldest first. */
  outside(): Promise<Departed[]>;
  /** main.cf settings; Postfix is restarted, its queue stays. */
  postconf(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Answers of Postfix at RCPT by recipient: `{ 'x@outside.test': '550 5.1.1 text' }`. */
  refuse(replies: Readonly<Record<string, string>>): Promise<void>;
  /** Makes Postfix try its whole queue now. */
  flushQueue(): Promise<void>;
  start(part: PartName): Promise<void>;
  /** Without a part: ends the lab and deletes its directory. */
  stop(part?: PartName): Promise<void>;
  /** The part hangs: it accepts connections and does not answer, until `thaw`. */
  freeze(part: PartName): void;
  thaw(part: PartName): void;
  /** The process groups that run now. */
  groups(): readonly number[];
}

const ORDER: readonly PartName[] = ['dovecot', 'sink', 'postfix', 'roundcube', 'cyrus'];
const DEFAULT: readonly PartName[] = ['dovecot', 'sink', 'postfix', 'roundcube'];

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  if (process.getuid?.() !== 0) throw new Error('the lab needs root: Postfix and Dovecot change to users of their own');
  const ports = await claimPorts();
  const home = makeHome();
  const undo: (() => Promise<void>)[] = [() => ports.release(), async () => home.leave()];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return await assemble(options, { home, ports, stop, onStop: (step) => undo.push(step) });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ground {
  readonly home: Home;
  readonly ports: PortBlock;
  readonly stop: () => Promise<void>;
  readonly onStop: (step: () => Promise<void>) => void;
}

async function assemble(options: LabOptions, ground: Ground): Promise<Lab> {
  const { users = ['alice', 'bob', 'carol'], parts = DEFAULT, domain = 'provider.test' } = options;
  const { home } = ground;
  const ports = ground.ports.internal;
  const certificates = await makeCertificates(home, domain);
  const dovecot = await prepareDovecot(home, { ports, domain, users, certificates, options: options.dovecot });
  const postfix = preparePostfix(home, { ports, domain, users, certificates, saslSocket: saslSocket(home) });
  const sink = prepareSink(home, ports.sink);
  const known = new Map<PartName, Part>([
    ['dovecot', dovecot],
    ['postfix', postfix],
    ['sink', sink],
  ]);
  let cyrus: Cyrus | undefined;
  if (parts.includes('cyrus')) {
    cyrus = await prepareCyrus(home, { ports, domain, users, smtpPort: ground.ports.doors.trusted });
    known.set('cyrus', cyrus);
  }
  if (parts.includes('roundcube')) known.set('roundcube', await prepareRoundcube(home, ports, domain, options.roundcube));
  const wanted = ORDER.filter((name) => parts.includes(name) || (name === 'sink' && parts.includes('postfix')));
  const part = (name: PartName): Part => {
    const found = wanted.includes(name) ? known.get(name) : undefined;
    if (!found) throw new Error(`this lab has no ${name}`);
    return found;
  };
  for (const name of wanted) {
    await part(name).start();
    ground.onStop(() => part(name).stop());
  }
  const edge = await openEdge({ ports: ground.ports.doors, internal: ports, certificates });
  ground.onStop(() => edge.close());
  const mailbox = async (user: string, name: string): Promise<Buffer[]> => readMaildir(join(dovecot.mailRoot, user, 'Maildir'), name);
  return {
    domain,
    dir: home.dir,
    caFile: certificates.caFile,
    ports,
    edge,
    address: (user) => `${user}@${domain}`,
    password: (user) => dovecot.passwords.get(user).password,
    setPassword: (user, password, extra = '') => {
      cyrus?.setPassword(user, password);
      return dovecot.passwords.set(user, { password, extra });
    },
    inbox: (user) => mailbox(user, 'INBOX'),
    mailbox,
    outside: async () => sink.messages(),
    postconf: (settings) => postfix.configure(settings),
    refuse: (replies) => postfix.refuse(replies),
    flushQueue: () => postfix.flush(),
    start: (name) => part(name).start(),
    stop: (name) => (name === undefined ? ground.stop() : part(name).stop()),
    freeze: (name) => part(name).freeze(),
    thaw: (name) => part(name).thaw(),
    groups: () => home.roster.groups,
    [Symbol.asyncDispose]: ground.stop,
  };
}
