import type { Accounts } from '@stopgap/accounts';
import type { Config } from '@stopgap/config';
import type { AccountId, Clock, MessageId } from '@stopgap/core';
import type { Log, MailEvents } from '@stopgap/log';
import type { Mailboxes } from '@stopgap/mailbox';
import type { Mirror } from '@stopgap/mirror';
import type { Outbox } from '@stopgap/outbox';
import { createImapServer, openMailboxSession, WaitingMail, type OutboxNews } from '@stopgap/imap-server';
import { createPop3Server } from '@stopgap/pop3-server';
import { createSmtpIntake } from '@stopgap/smtp-intake';
import type { Store } from '@stopgap/store';
import type { Doors } from './announce.ts';
import { imapEvents, intakeEvents, pop3Events } from './mail-log.ts';
import type { Role } from './roles.ts';
import { loadTls, type TlsFiles } from './tls.ts';

/** A transaction that is in DATA, or a QUIT that deletes, may end by itself for so long. */
const GRACE_MS = 1500;

interface Parts {
  readonly config: Config;
  readonly roles: ReadonlySet<Role>;
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  readonly accounts: Accounts;
  readonly put: Outbox['put'];
  readonly mirror: Mirror;
  readonly news: OutboxNews;
  readonly roomFor: (bytes: number) => boolean;
  readonly clock: Clock;
  readonly events: MailEvents;
  readonly log: Log;
}

export interface MailDoors {
  readonly addresses: Doors;
  /** False where there is no door that would show it. */
  readonly isSelfSigned: boolean;
  /** All at once, so that they share the grace. */
  close(): Promise<void>;
}

interface OneDoor {
  listen(): Promise<void>;
  addresses(): Doors;
  close(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Opens the doors of mail programs that the roles ask for, all or none.
 * @throws MailError `listen`, `tls`
 */
export async function openDoors(parts: Parts): Promise<MailDoors> {
  const { config, roles } = parts;
  const makers = [...(roles.has('intake') ? [intake] : []), ...(roles.has('imap') ? [imap] : []), ...(roles.has('pop3') ? [pop3] : [])];
  if (makers.length === 0) return { addresses: {}, isSelfSigned: false, close: async () => undefined };
  const tls = await loadTls(config);
  const doors = makers.map((make) => make(parts, tls));
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all(doors.map((door) => door.close({ graceMs })));
  };
  try {
    for (const door of doors) await door.listen();
  } catch (error) {
    await close(0);
    throw error;
  }
  return {
    addresses: Object.assign({}, ...doors.map((door) => door.addresses())) as Doors,
    isSelfSigned: tls.isSelfSigned,
    close: () => close(GRACE_MS),
  };
}

function intake({ config, accounts, put, store, roomFor, clock, events, log }: Parts, tls: TlsFiles): OneDoor {
  return createSmtpIntake({
    hostname: config.hostname,
    listen: config.listen,
    tls,
    plaintextAuth: config.plaintextAuth,
    limits: config.limits,
    accounts,
    put,
    stageBlob: () => store.blobs.stage(),
    roomFor,
    clock,
    events: intakeEvents(events, log.child({ scope: 'smtp' })),
  });
}

function imap({ config, accounts, mailboxes, mirror, news, store, roomFor, clock, log }: Parts, tls: TlsFiles): OneDoor {
  const {
    limits,
    mirror: { quotaBytes },
  } = config;
  const deps = {
    store,
    mailboxes,
    clock,
    messageBytes: limits.messageBytes,
    waiting: new WaitingMail({ store, clock, news }),
    quotaBytes: quotaBytes === false ? undefined : quotaBytes,
    roomFor,
    changed: (account: AccountId) => mirror.notify(account),
    fetchBody: (account: AccountId, message: MessageId, signal: AbortSignal) => mirror.fetchBody(account, message, signal),
  };
  return createImapServer({
    listen: config.listen,
    tls,
    plaintextAuth: config.plaintextAuth,
    limits,
    accounts,
    openSession: (login) => openMailboxSession(login, deps),
    clock,
    events: imapEvents(log.child({ scope: 'imap' })),
  });
}

function pop3({ config, accounts, mailboxes, mirror, store, clock, log }: Parts, tls: TlsFiles): OneDoor {
  return createPop3Server({
    hostname: config.hostname,
    listen: config.listen,
    tls,
    plaintextAuth: config.plaintextAuth,
    limits: config.limits,
    deletion: config.pop3.deletion,
    accounts,
    mailboxes,
    store,
    changed: (account) => mirror.notify(account),
    clock,
    events: pop3Events(log.child({ scope: 'pop3' })),
  });
}
