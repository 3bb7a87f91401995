import type { IncomingSession, RemoteMailboxId } from '@stopgap/core';
import type { ImapFlow, ImapFlowOptions } from 'imapflow';
import { atom, ImapConnection, type Selected } from './connection.ts';
import { fetchMessages, LARGEST_LITERAL_BYTES } from './fetch.ts';
import { findMessages } from './find.ts';
import { IDLE_TIMES, waitForSign, type IdleTimes } from './idle.ts';
import { listMailboxes } from './list.ts';
import { changesOf } from './listing.ts';
import { createPush } from './push.ts';

/** An answer that is due and does not come, or stops in the middle. */
const SILENCE_MS = 120_000;
/** A SEARCH over a million messages is one line of eight megabytes. */
const LONGEST_LINE_BYTES = 16_000_000;
/** Of one answer; each costs a hundred times its octets. A SEARCH is read without them. */
const MOST_TOKENS = 100_000;
const LOGOUT_MS = 2000;

export const SESSION_OPTIONS: ImapFlowOptions = {
  socketTimeout: SILENCE_MS,
  maxLineLength: LONGEST_LINE_BYTES,
  maxLiteralSize: LARGEST_LITERAL_BYTES,
  maxResponseSize: LONGEST_LINE_BYTES + LARGEST_LITERAL_BYTES,
  maxResponseTokens: MOST_TOKENS,
  // What is enabled is enabled below; nothing happens between two calls.
  disableAutoEnable: true,
  disableAutoIdle: true,
  // No gain on loopback or for mail that is base64, and a bomb less.
  disableCompression: true,
  disableIMAP4rev2: true,
};

export interface OpenSession {
  readonly host: string;
  /** Bounds what is said before the session is ready. */
  readonly signal: AbortSignal;
  readonly idleTimes?: IdleTimes | undefined;
}

export async function openImapSession(client: ImapFlow, { host, signal, idleTimes = IDLE_TIMES }: OpenSession): Promise<IncomingSession> {
  const connection = new ImapConnection(client, host);
  try {
    await enable(client, connection, signal);
  } catch (error) {
    client.close();
    throw error;
  }
  /** As they were opened for their last listings: waiting begins where these ended. */
  const told = new Map<RemoteMailboxId, Selected>();
  // Never twice in a row: a server whose numbers move by themselves would be looked at without end.
  let compares = true;
  return {
    idKind: 'imap-uid',
    async list(callSignal) {
      const all = await listMailboxes(connection, callSignal);
      // Whose ids were told in this session is told anew before they count in another life.
      for (const { id, validity } of all) {
        if (validity !== undefined && !connection.validities.has(id)) connection.validities.set(id, validity);
      }
      return all;
    },
    changes: (mailbox, since, callSignal) =>
      changesOf(connection, {
        mailbox,
        since,
        signal: callSignal,
        opened(box) {
          told.set(mailbox, box);
          connection.validities.set(mailbox, box.validity);
        },
      }),
    fetch: (mailbox, ids, callSignal) => fetchMessages(connection, { mailbox, ids, signal: callSignal }),
    find: (mailbox, messageId, callSignal) => findMessages(connection, { mailbox, messageId, signal: callSignal }),
    ...(connection.can('IDLE')
      ? {
          async idle(mailbox, callSignal) {
            const since = compares ? told.get(mailbox) : undefined;
            compares = (await waitForSign(connection, { mailbox, signal: callSignal, times: idleTimes, told: since })) !== 'earlier';
          },
        }
      : {}),
    push: createPush(connection),
    close: () => connection.close(LOGOUT_MS),
  };
}

/** RFC 5161, RFC 7162 3.2.3: QRESYNC counts only where it was enabled. */
async function enable(client: ImapFlow, connection: ImapConnection, signal: AbortSignal): Promise<void> {
  if (!connection.can('ENABLE')) return;
  const wanted = ['CONDSTORE', 'QRESYNC'].filter((extension) => connection.can(extension));
  if (wanted.length === 0) return;
  await connection.command('ENABLE', wanted.map(atom), {
    signal,
    untagged: {
      ENABLED: ({ attributes = [] }) => {
        for (const node of attributes) {
          if (node === null || node === undefined || !('value' in node) || typeof node.value !== 'string') continue;
          client.enabled.add(node.value.toUpperCase());
        }
      },
    },
  });
}
