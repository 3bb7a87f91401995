import { asId, type MailboxRole, type RemoteMailbox, type RemoteMailboxId } from '@stopgap/core';
import { atom, nameArgument, string, type Argument, type ImapConnection } from './connection.ts';
import { imapError, voidAnswer } from './errors.ts';
import { pathOf } from './mailbox-name.ts';
import { listOf, numberOf, pairsOf, textOf, textsOf, type Response } from './response.ts';
import { rolesOf } from './roles.ts';

/** More than any person has. */
const MOST_MAILBOXES = 20_000;

interface Listed {
  readonly id: RemoteMailboxId;
  readonly path: readonly string[];
  /** Lower case. */
  readonly attributes: readonly string[];
  readonly isSelectable: boolean;
}

interface Status {
  readonly validity: string;
  readonly messages: number;
  readonly state?: string;
}

/**
 * All mailboxes. `state` is UIDVALIDITY:UIDNEXT:HIGHESTMODSEQ:MESSAGES, and absent where the server has no CONDSTORE: without it a changed flag is not
 * to be seen from outside. With LIST-STATUS (RFC 5819) all is told in one answer.
 */
export async function listMailboxes(connection: ImapConnection, signal: AbortSignal): Promise<readonly RemoteMailbox[]> {
  // A mailbox that is open answers STATUS with what this session has seen of it (RFC 9051 6.3.11).
  await connection.unselect(signal);
  const { all, statuses, isExtended } = await askForAll(connection, signal);
  if (!all.some((one) => one.id === 'INBOX')) throw voidAnswer(connection.host, 'its list of mailboxes has no INBOX');
  const subscribed = isExtended ? undefined : await subscribedNames(connection, signal);
  const roles = rolesOf(all);
  const paths = new Set<string>();
  return all.map((one) => ({
    ...shown(one, roles.get(one), paths),
    isSubscribed: subscribed === undefined ? one.attributes.includes('\\subscribed') : subscribed.has(one.id),
    ...statuses.get(one.id),
  }));
}

interface Answer {
  readonly all: readonly Listed[];
  readonly statuses: ReadonlyMap<string, Status>;
  readonly isExtended: boolean;
}

/** Some servers offer the extended LIST and refuse it: they are asked in the old way, for as long as this session lasts. */
async function askForAll(connection: ImapConnection, signal: AbortSignal): Promise<Answer> {
  if (!connection.can('LIST-EXTENDED') || connection.refusesReturn) return askInTheOldWay(connection, signal);
  const withStatus = hasModSeq(connection) && connection.can('LIST-STATUS');
  const returned: Argument[] = [
    atom('SUBSCRIBED'),
    ...(connection.can('SPECIAL-USE') ? [atom('SPECIAL-USE')] : []),
    ...(withStatus ? [atom('STATUS'), statusItems()] : []),
  ];
  const statuses = new Map<string, Status>();
  try {
    const all = await listAll(connection, { returned: [atom('RETURN'), returned], statuses, signal });
    if (!withStatus) await askEach(connection, all, statuses, signal);
    return { all, statuses, isExtended: true };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    connection.refusesReturn = true;
    return askInTheOldWay(connection, signal);
  }
}

async function askInTheOldWay(connection: ImapConnection, signal: AbortSignal): Promise<Answer> {
  const statuses = new Map<string, Status>();
  const all = await listAll(connection, { returned: [], statuses, signal });
  await askEach(connection, all, statuses, signal);
  return { all, statuses, isExtended: false };
}

interface ListAsked {
  readonly returned: readonly Argument[];
  readonly statuses: Map<string, Status>;
  readonly signal: AbortSignal;
}

async function listAll(connection: ImapConnection, { returned, statuses, signal }: ListAsked): Promise<readonly Listed[]> {
  const found = new Map<string, Listed>();
  await connection.command('LIST', [string(''), string('*'), ...returned], {
    signal,
    untagged: {
      LIST: (response) => keepListed(connection, found, response),
      STATUS: (response) => keepStatus(statuses, response),
    },
  });
  return [...found.values()].filter((one) => !one.attributes.includes('\\nonexistent'));
}

function hasModSeq(connection: ImapConnection): boolean {
  return connection.can('CONDSTORE') || connection.can('QRESYNC');
}

function statusItems(): Argument {
  return ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'HIGHESTMODSEQ'].map(atom);
}

function keepListed(connection: ImapConnection, found: Map<string, Listed>, { attributes = [] }: Response): void {
  const name = textOf(attributes[2]);
  if (name === undefined || name === '') return;
  if (found.size >= MOST_MAILBOXES) throw voidAnswer(connection.host, `it lists more than ${MOST_MAILBOXES} mailboxes`);
  const words = textsOf(attributes[0]).map((attribute) => attribute.toLowerCase());
  const { prefix } = connection.namespace;
  found.set(name, {
    id: asId.remoteMailbox(name.toUpperCase() === 'INBOX' ? 'INBOX' : name),
    // The separator of this very name: other namespaces may have another one.
    path: pathOf(name, { prefix, separator: textOf(attributes[1]) }),
    attributes: words,
    isSelectable: !words.includes('\\noselect') && !words.includes('\\nonexistent'),
  });
}

/** A path belongs to one mailbox only; a second one that looks like it shows its name on the wire as well. */
function shown(
  one: Listed,
  role: MailboxRole | undefined,
  paths: Set<string>,
): Pick<RemoteMailbox, 'id' | 'path' | 'role' | 'isSelectable'> {
  const path = paths.has(one.path.join('/'))
    ? [...one.path.slice(0, -1), `${one.path.at(-1) ?? ''} [${one.id.replaceAll('/', '\u2215')}]`]
    : one.path;
  paths.add(path.join('/'));
  return { id: one.id, path, isSelectable: one.isSelectable, ...(role === undefined ? {} : { role }) };
}

function keepStatus(statuses: Map<string, Status>, { attributes = [] }: Response): void {
  const name = textOf(attributes[0]);
  const pairs = pairsOf(listOf(attributes[1]));
  const [validity, uidNext, modSeq] = ['UIDVALIDITY', 'UIDNEXT', 'HIGHESTMODSEQ'].map((item) => textOf(pairs.get(item)));
  const messages = numberOf(textOf(pairs.get('MESSAGES')));
  if (name === undefined || validity === undefined || messages === undefined) return;
  // RFC 7162 3.1.7: 0 means that this mailbox keeps none.
  const hasState = uidNext !== undefined && modSeq !== undefined && modSeq !== '0';
  statuses.set(name.toUpperCase() === 'INBOX' ? 'INBOX' : name, {
    validity,
    messages,
    ...(hasState ? { state: `${validity}:${uidNext}:${modSeq}:${messages}` } : {}),
  });
}

/** Without CONDSTORE nobody is asked. One mailbox that can not be looked at does not spoil the list. */
async function askEach(
  connection: ImapConnection,
  all: readonly Listed[],
  statuses: Map<string, Status>,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, isSelectable } of hasModSeq(connection) ? all : []) {
    if (!isSelectable) continue;
    try {
      await connection.command('STATUS', [nameArgument(id), statusItems()], {
        signal,
        untagged: { STATUS: (response) => keepStatus(statuses, response) },
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'refused' || error.code === 'mailbox-missing');
}

async function subscribedNames(connection: ImapConnection, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  await connection.command('LSUB', [string(''), string('*')], {
    signal,
    untagged: {
      LSUB: ({ attributes = [] }) => {
        const name = textOf(attributes[2]);
        // RFC 3501 6.3.9: \Noselect here says that only something below it is subscribed.
        if (name === undefined || textsOf(attributes[0]).some((attribute) => /^\\noselect$/i.test(attribute))) return;
        if (names.size >= MOST_MAILBOXES) throw voidAnswer(connection.host, `it lists more than ${MOST_MAILBOXES} subscriptions`);
        names.add(name.toUpperCase() === 'INBOX' ? 'INBOX' : name);
      },
    },
  });
  return names;
}

/** The one of this name, as the list shows it. */
export async function listedMailbox(connection: ImapConnection, id: RemoteMailboxId, signal: AbortSignal): Promise<RemoteMailbox> {
  const found = (await listMailboxes(connection, signal)).find((mailbox) => mailbox.id === id);
  if (found !== undefined) return found;
  throw imapError('transient', 'refused', `${connection.host} made a mailbox and does not list it`, {
    class: 'protocol',
    host: connection.host,
  });
}
