/*
 * A body that is not here and that somebody waits for, by the best path that lives. Beside the rounds, with a log-in of its own, for a round may take long.
 * One at a time for each account; the session is kept for a while, since whoever reads one message reads the next.
 */
import {
  MailError,
  type AccountId,
  type IncomingSession,
  type MessageId,
  type Path,
  type Reason,
  type RemoteMailboxId,
  type RemoteMessageId,
} from '@stopgap/core';
import type { MailTx } from '@stopgap/mailbox';
import {
  findAccount,
  findMessage,
  findMessageView,
  findRemoteMailbox,
  findRemoteMessage,
  isExpectedId,
  isStaying,
  listRemoteMessagesOf,
} from '@stopgap/store';
import { readArrival, type Arrival } from './arrival.ts';
import { boundedSession } from './bounded-session.ts';
import { reasonOf } from './carry-failure.ts';
import type { Deps } from './deps.ts';
import { isKindred, spaceOf } from './round.ts';
import { improve } from './take-over.ts';

/** A program waits for it, with a person in front. */
const LIMIT_MS = 20_000;
const TOO_SLOW: Reason = { class: 'connect', text: `the provider gave no message within ${LIMIT_MS / 1000} seconds` };
/** Where a path was asked and none answered, nobody is asked again for so long: programs ask for a thousand in one command. */
const REST_MS = 5000;
/** A session is kept for so long after the last body, */
const KEEP_MS = 30_000;
/** and so many in all; those beyond end with their body. */
const MOST_KEPT = 100;
/** Kinds of paths that show the UIDs of the store behind them. */
const UID_KINDS: ReadonlySet<Path['kind']> = new Set<Path['kind']>(['imap', 'roundcube']);

interface Line {
  /** What was asked for last, and what ends the session. Never rejects. */
  last: Promise<void>;
  restUntilMs: number;
  kept: { readonly path: Path; readonly session: IncomingSession } | undefined;
  idle: AbortController;
}

interface Asked {
  readonly account: AccountId;
  readonly message: MessageId;
  readonly signal: AbortSignal;
}

/** Under which id a message stands upstream. */
interface Place {
  readonly row: number;
  readonly space: string;
  readonly mailbox: RemoteMailboxId;
  readonly id: RemoteMessageId;
}

export class Bodies {
  readonly #deps: Deps;
  readonly #lines = new Map<AccountId, Line>();
  readonly #stop = new AbortController();
  #kept = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** True: it is here now. False: no path gives it. Never rejects. */
  async fetch(account: AccountId, message: MessageId, signal: AbortSignal): Promise<boolean> {
    const line = this.#lineOf(account);
    if (this.#rests(line)) return false;
    const limit = AbortSignal.any([signal, this.#stop.signal, AbortSignal.timeout(LIMIT_MS)]);
    line.idle.abort();
    const taken = line.last.then(() => this.#take(line, { account, message, signal: limit }));
    line.last = taken.then(() => undefined);
    return await taken;
  }

  /** Ends what is under way, and every session. */
  async close(): Promise<void> {
    this.#stop.abort('closed');
    await Promise.all([...this.#lines.values()].map((line) => line.last.then(() => this.#letGo(line))));
  }

  #lineOf(account: AccountId): Line {
    const line = this.#lines.get(account) ?? { last: Promise.resolve(), restUntilMs: 0, kept: undefined, idle: new AbortController() };
    this.#lines.set(account, line);
    return line;
  }

  #rests({ restUntilMs }: Line): boolean {
    const leftMs = restUntilMs - this.#deps.clock.nowMs();
    // More than the whole of it: the clock was set back.
    return leftMs > 0 && leftMs <= REST_MS;
  }

  async #take(line: Line, asked: Asked): Promise<boolean> {
    try {
      const { account, message, signal } = asked;
      if (signal.aborted || this.#rests(line)) return false;
      const row = this.#deps.store.read((reader) => (isStaying(reader, account) ? findMessage(reader, message) : undefined));
      if (!row) return false;
      // Somebody else has asked for it, or a round has brought it.
      if (row.completeness !== 'headers') return true;
      return await this.#byAnyPath(line, asked);
    } catch (error) {
      this.#deps.log.error('a body could not be fetched', { account: asked.account, error });
      return false;
    } finally {
      if (this.#kept > MOST_KEPT) await this.#letGo(line);
      else this.#endLater(line);
    }
  }

  async #byAnyPath(line: Line, asked: Asked): Promise<boolean> {
    const { board, clock } = this.#deps;
    let hasAnswered = false;
    let hasFailed = false;
    for (const { path, places } of this.#ways(asked)) {
      const permit = board.permit(path.id);
      if (!permit) continue;
      try {
        const isHere = await this.#byPath(line, asked, { path, places });
        permit.done({ kind: 'ok', account: asked.account });
        hasAnswered = true;
        if (isHere) return true;
      } catch (error) {
        await this.#letGo(line);
        // Given up by who asked: that says nothing about the path.
        if (asked.signal.aborted && !isTimeout(asked.signal)) return false;
        hasFailed = true;
        permit.done({ kind: 'failed', reason: isTimeout(asked.signal) ? TOO_SLOW : reasonOf(error), account: asked.account });
      } finally {
        permit.done({ kind: 'neutral' });
      }
    }
    if (hasFailed && !hasAnswered) line.restUntilMs = clock.nowMs() + REST_MS;
    return false;
  }

  /** Best path first, with the ids that the message has by it. */
  #ways({ account, message }: Asked): readonly { readonly path: Path; readonly places: readonly Place[] }[] {
    const { store, providers, upstreams } = this.#deps;
    const { provider, places } = store.read((reader) => ({
      provider: findAccount(reader, account)?.provider,
      places: listRemoteMessagesOf(reader, message).flatMap(({ remoteMailbox, remoteId, missedAtMs }): Place[] => {
        const box = findRemoteMailbox(reader, remoteMailbox);
        if (!box || missedAtMs !== undefined || isExpectedId(remoteId)) return [];
        return [{ row: box.id, space: box.space, mailbox: box.remoteId, id: remoteId }];
      }),
    }));
    const mayKnow = (path: Path, { space }: Place): boolean =>
      space.endsWith(`:${path.id}`) || (UID_KINDS.has(path.kind) && space.startsWith('imap-uid:'));
    return (providers.find(({ name }) => name === provider)?.incoming ?? [])
      .filter((path) => upstreams[path.kind]?.open !== undefined)
      .map((path) => ({ path, places: places.filter((place) => mayKnow(path, place)) }))
      .filter((way) => way.places.length > 0);
  }

  async #byPath(line: Line, asked: Asked, way: { readonly path: Path; readonly places: readonly Place[] }): Promise<boolean> {
    const wasKept = line.kept?.path.id === way.path.id;
    try {
      return await this.#bySession(line, asked, way);
    } catch (error) {
      // A session that was kept may have ended meanwhile.
      if (!wasKept || asked.signal.aborted || !(error instanceof MailError && error.code === 'session-ended')) throw error;
      await this.#letGo(line);
      return await this.#bySession(line, asked, way);
    }
  }

  async #bySession(
    line: Line,
    asked: Asked,
    { path, places }: { readonly path: Path; readonly places: readonly Place[] },
  ): Promise<boolean> {
    const session = await this.#sessionFor(line, asked, path);
    for (const place of places) {
      if (place.space !== spaceOf({ session, path }) && !isKindred(place.space, { session })) continue;
      for await (const fetched of session.fetch(place.mailbox, [place.id], asked.signal)) {
        const arrival = await readArrival(fetched, this.#deps.store);
        if (fetched.id === place.id && (await this.#keep(asked, { path, place, arrival }))) return true;
      }
    }
    return false;
  }

  async #sessionFor(line: Line, { account, signal }: Asked, path: Path): Promise<IncomingSession> {
    if (line.kept?.path.id === path.id) return line.kept.session;
    await this.#letGo(line);
    const { upstreams, credentialFor, clock } = this.#deps;
    const opened = await upstreams[path.kind]?.open?.(path, credentialFor(account), signal);
    if (!opened) throw new MailError('bug', `Nobody reads by ${path.kind}.`, { code: 'no-upstream' });
    const session = boundedSession(opened, { clock, limitMs: LIMIT_MS });
    line.kept = { path, session };
    this.#kept += 1;
    return session;
  }

  async #keep(
    { account, message }: Asked,
    { path, place, arrival }: { readonly path: Path; readonly place: Place; readonly arrival: Arrival },
  ): Promise<boolean> {
    const { mailboxes, events } = this.#deps;
    const isKept = await mailboxes.write(account, (mail) => {
      const isMeant = isStaying(mail.tx, account) && findRemoteMessage(mail.tx, place.row, place.id)?.message === message;
      if (!isMeant || !isSameMessage(mail, message, arrival)) return false;
      improve(mail, message, arrival);
      return true;
    });
    if (isKept) events.mirrored({ account, path: path.id, messages: 1, isNew: 0, sizeBytes: arrival.blob.sizeBytes });
    return isKept;
  }

  #endLater(line: Line): void {
    line.idle.abort();
    const idle = new AbortController();
    line.idle = idle;
    if (!line.kept) return;
    const until = AbortSignal.any([idle.signal, this.#stop.signal]);
    void this.#deps.clock.wait(KEEP_MS, until).then(() => {
      if (until.aborted) return;
      line.last = line.last.then(() => this.#letGo(line));
    });
  }

  async #letGo(line: Line): Promise<void> {
    const { kept } = line;
    line.kept = undefined;
    if (!kept) return;
    this.#kept -= 1;
    await kept.session.close();
  }
}

/** An id may have been given anew while nobody looked: what came must begin as what is here. */
function isSameMessage({ tx }: MailTx, message: MessageId, { digest }: Arrival): boolean {
  const here = findMessageView(tx, message)?.envelope;
  const { messageId, subject, date, from } = digest.envelope;
  const isSame = JSON.stringify([here?.subject, here?.date, here?.from]) === JSON.stringify([subject, date, from]);
  return here?.messageId === messageId && isSame;
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
