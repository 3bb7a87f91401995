import {
  asId,
  type ChangesSince,
  type FetchedMessage,
  type IncomingSession,
  type Listing,
  type RemoteMailboxId,
  type RemoteMessage,
  type RemoteMessageId,
  type RemotePush,
} from '@stopgap/core';
import type { MemoryAccount, MemoryMailbox, MemoryMessage } from './mail-store.ts';
import { callCancelled, mailboxMissing, pathDown, sessionEnded, voidAnswer, type PathFaults } from './path-faults.ts';
import { pushOf } from './push.ts';
import { idsOf, shown, type View } from './views.ts';

/** What a session stands on. */
export interface SessionGround {
  readonly account: MemoryAccount;
  readonly view: View;
  readonly faults: PathFaults;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  onClose(): void;
}

const CHUNK_BYTES = 64 * 1024;
const LOGIN_PAGE = Buffer.from(
  '<!DOCTYPE html>\n<html><head><title>Webmail :: Welcome</title></head><body><form name="login"></form></body></html>\n',
);

export function openMemorySession(ground: SessionGround): IncomingSession {
  const { account, view, faults } = ground;
  let isOpen = true;
  /** Where the last listing of a mailbox ended: waiting begins there. */
  const told = new Map<RemoteMailboxId, number>();
  const end = (): void => {
    if (isOpen) ground.onClose();
    isOpen = false;
  };
  /** One call of the session, with whatever is wrong with the path at that moment. */
  async function call<T>(name: string, signal: AbortSignal, answer: () => T): Promise<T> {
    if (!isOpen) throw sessionEnded();
    if (faults.delayMs > 0) await ground.wait(faults.delayMs, signal);
    await faults.onCall?.(name, 'before');
    if (signal.aborted) throw callCancelled();
    if (faults.isDown) {
      end();
      throw pathDown();
    }
    if (faults.lie === 'void') throw voidAnswer();
    const result = answer();
    await faults.onCall?.(name, 'after');
    return result;
  }
  const mailboxOf = (id: RemoteMailboxId): MemoryMailbox => {
    const mailbox = visible(ground).find((one) => view.mailboxId(one) === id);
    if (!mailbox) throw mailboxMissing();
    return mailbox;
  };
  const session: IncomingSession = {
    idKind: view.idKind,
    list: (signal) => call('list', signal, () => visible(ground).map((mailbox) => shown(mailbox, view))),
    changes: (id, since, signal) =>
      call('changes', signal, () => {
        told.set(id, mailboxOf(id).modSeq);
        return lied(withWrongSizes(listingOf(mailboxOf(id), since, { view, faults }), faults), faults);
      }),
    async *fetch(id, ids, signal) {
      let fetched = 0;
      for (const wanted of view.canIdle ? inMailboxOrder(ids) : ids) {
        const message = await call('fetch', signal, () => mailboxOf(id).messages.find((one) => view.messageId(one) === wanted));
        if (!message) continue;
        if (faults.endsAfterFetched !== undefined && fetched >= faults.endsAfterFetched) {
          end();
          throw sessionEnded();
        }
        fetched += 1;
        yield fetchedOf(message, view, { faults, signal });
      }
    },
    ...(view.canPush
      ? {
          find: (id: RemoteMailboxId, messageId: string, signal: AbortSignal) =>
            call('find', signal, () =>
              mailboxOf(id)
                .messages.filter((message) => messageIdOf(message.bytes) === messageId)
                .map((message) => asId.remoteMessage(view.messageId(message))),
            ),
          push: pushOf({ account, view, faults, call, mailboxOf }) satisfies RemotePush,
        }
      : {}),
    ...(view.canIdle
      ? {
          idle: (id: RemoteMailboxId, signal: AbortSignal) =>
            new Promise<void>((resolve, reject) => {
              const before = told.get(id) ?? mailboxOf(id).modSeq;
              const done = (): void => {
                stop();
                signal.removeEventListener('abort', done);
                if (!faults.isDown || signal.aborted) return resolve();
                end();
                reject(sessionEnded());
              };
              const stop = account.onChange(() => {
                if (mailboxOf(id).modSeq !== before) done();
              });
              if (signal.aborted || faults.isDown || mailboxOf(id).modSeq !== before) done();
              else signal.addEventListener('abort', done, { once: true });
            }),
        }
      : {}),
    close: () => {
      end();
      return Promise.resolve();
    },
  };
  return session;
}

function visible({ account, view }: SessionGround): readonly MemoryMailbox[] {
  return view.showsOnlyInbox ? account.mailboxes.filter((mailbox) => mailbox.role === 'inbox') : account.mailboxes;
}

function listingOf(
  mailbox: MemoryMailbox,
  since: ChangesSince,
  { view, faults }: { readonly view: View; readonly faults: PathFaults },
): Listing {
  const told = view.validity(mailbox);
  const validity = told === undefined ? {} : { validity: told };
  const cursor = view.tellsDeltas ? { cursor: `${mailbox.validity}.${mailbox.modSeq}.${mailbox.uidNext}` } : {};
  const [oldValidity, oldModSeq, oldUidNext] = (since.cursor ?? '').split('.');
  const present = idsOf(
    mailbox.messages.filter((message) => !faults.hidesDeleted || !message.flags.includes('$deleted')),
    view,
  );
  const isSameLife = view.tellsDeltas && oldValidity === String(mailbox.validity);
  const after = Number(oldModSeq);
  const hasFallenBack = isSameLife && view.idKind === 'imap-uid' && mailbox.uidNext < Number(oldUidNext);
  if (!isSameLife || hasFallenBack || since.wantsAll || mailbox.modSeq < after) {
    const messages = [...present.values()].toReversed().map((message) => row(message, view));
    return { kind: 'full', ...validity, ...(hasFallenBack ? { hasFallenBack } : {}), messages, ...cursor };
  }
  const changed = [...present.values()].filter((message) => message.modSeq > after).toReversed();
  const vanished = mailbox.vanished.filter((one) => one.modSeq > after).map((one) => asId.remoteMessage(view.messageId(one)));
  return {
    kind: 'delta',
    ...validity,
    changed: changed.map((message) => row(message, view)),
    vanished: [...new Set(vanished)].filter((id) => !present.has(id)),
    ...cursor,
  };
}

function row(message: MemoryMessage, view: View): RemoteMessage {
  const flags = view.flags(message);
  return {
    id: asId.remoteMessage(view.messageId(message)),
    ...(flags === undefined ? {} : { flags }),
    ...(view.canPush ? { receivedAtMs: message.receivedAtMs } : {}),
    sizeBytes: message.bytes.length,
  };
}

function withWrongSizes(listing: Listing, { sizesOff }: PathFaults): Listing {
  if (sizesOff === 0 || listing.kind !== 'full') return listing;
  return { ...listing, messages: listing.messages.map((message) => ({ ...message, sizeBytes: (message.sizeBytes ?? 0) + sizesOff })) };
}

function lied(listing: Listing, faults: PathFaults): Listing {
  if (listing.kind !== 'full') {
    const ids = listing.changed.map((message) => message.id);
    return faults.lie === 'empty' ? { ...listing, changed: [], vanished: [...listing.vanished, ...ids] } : listing;
  }
  const { messages } = listing;
  if (faults.lie === 'empty') return { ...listing, messages: [] };
  if (faults.lie === 'half') return { ...listing, messages: messages.slice(0, Math.floor(messages.length / 2)) };
  if (faults.lie === 'doubled') return { ...listing, messages: messages.flatMap((message) => [message, message]) };
  if (faults.lie === 'backwards') return { ...listing, messages: messages.toReversed() };
  return listing;
}

function fetchedOf(message: MemoryMessage, view: View, state: ReadState): FetchedMessage {
  const bytes = state.faults.lie === 'login-page' ? LOGIN_PAGE : message.bytes;
  return { ...row(message, view), completeness: 'raw', bytes: chunksOf(bytes, state) };
}

interface ReadState {
  readonly faults: PathFaults;
  readonly signal: AbortSignal;
}

async function* chunksOf(bytes: Buffer, { faults, signal }: ReadState): AsyncGenerator<Buffer> {
  const step = Math.min(CHUNK_BYTES, Math.max(1, Math.ceil(bytes.length / 2)));
  for (let from = 0; from < bytes.length; from += step) {
    if (signal.aborted) throw callCancelled();
    yield bytes.subarray(from, from + step);
    if (faults.lie === 'short-body') throw voidAnswer();
  }
}

/** With its angle brackets; undefined: none. */
export function messageIdOf(bytes: Buffer): string | undefined {
  return /^message-id:[ \t]*(<[^>\r\n]*>)/im.exec(bytes.toString('latin1').split(/\r?\n\r?\n/, 1)[0] ?? '')?.[1];
}

/** As IMAP servers answer (those that IDLE), whatever order they were asked in. */
function inMailboxOrder(ids: readonly RemoteMessageId[]): readonly RemoteMessageId[] {
  return ids.toSorted((one, other) => Number(one) - Number(other));
}
