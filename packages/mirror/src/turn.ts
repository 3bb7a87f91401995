/* One account's turn: a path, a permit, a session, a round, and what came of it. One at a time for each account. */
import { MailError, retryAfterOf, type IncomingSession, type Path, type Reason } from '@stopgap/core';
import type { Permit } from '@stopgap/health';
import { findMirror, isStaying, listRemoteMailboxes, nextIntentMs, putMirror } from '@stopgap/store';
import { boundedSession } from './bounded-session.ts';
import { reasonOf } from './carry-failure.ts';
import type { Deps } from './deps.ts';
import { ProgressWatch } from './progress-watch.ts';
import { heldIn, type MirrorProgress, type MirrorState } from './progress.ts';
import { ReportBook, type MirrorReport } from './report.ts';
import { forgetProofs, newMemory } from './round.ts';
import { runRound } from './run-round.ts';
import { choosePath, nextRoundMs, soonerMs, SPREAD_MS, troubled, type Pace, type PathOutlook } from './schedule.ts';
import type { Tended } from './tended.ts';

/** A path without room for one more is asked again. */
const ROOM_AGAIN_MS = 1000;
/** A log-in that is refused and believed is tried again so seldom: the provider counts too. */
const REFUSED_AGAIN_MS = 30 * 60_000;

/** Never rejects. Afterwards `dueMs` says when the next one is due. False: there was no path to look by, and a session that is kept goes on as it was. */
export async function takeTurn(one: Tended, deps: Deps, signal: AbortSignal): Promise<boolean> {
  const { board, clock } = deps;
  one.startMs = clock.nowMs();
  // Of a turn that had nothing to go by, too: whatever asks for the next one, there is a pause between them.
  one.lastEndMs = one.startMs;
  const choice = choosePath(outlooks(one, deps), one.startMs);
  if (choice.kind === 'wait') {
    one.dueMs = choice.untilMs;
    if (choice.isDown && one.memory) forgetProofs(one.memory);
    await show(one, deps, choice.isDown ? 'down' : 'waiting');
    return false;
  }
  const { path } = choice;
  const permit = board.permit(path.id);
  if (!permit) {
    one.dueMs = clock.nowMs() + ROOM_AGAIN_MS;
    return false;
  }
  try {
    await withAnySession(one, deps, { path, permit, signal });
    one.isFailing = false;
    one.troubles.delete(path.id);
    one.dueMs = nextDueMs(one, deps);
  } catch (error) {
    await failed(one, deps, { path, permit, error, signal });
  } finally {
    permit.done({ kind: 'neutral' });
    one.lastEndMs = clock.nowMs();
  }
  return true;
}

interface Going {
  readonly path: Path;
  readonly permit: Permit;
  readonly signal: AbortSignal;
}

/** A session that was kept may have ended meanwhile; that is no failure of the path yet. */
async function withAnySession(one: Tended, deps: Deps, going: Going): Promise<void> {
  const wasKept = one.kept?.path.id === going.path.id;
  try {
    await withSession(one, deps, going);
  } catch (error) {
    if (!wasKept || going.signal.aborted || !(error instanceof MailError && error.code === 'session-ended')) throw error;
    await letGo(one);
    await withSession(one, deps, going);
  }
}

async function withSession(one: Tended, deps: Deps, { path, permit, signal }: Going): Promise<void> {
  const { account } = one;
  const session = await sessionFor(one, deps, { path, permit, signal });
  const before = deps.store.read((reader) => findMirror(reader, account));
  const isSwitch = before?.path !== path.id;
  if (isSwitch) deps.events.pathSwitched({ account, from: before?.path, to: path.id });
  if (one.memory?.path !== path.id) one.memory = newMemory(path.id);
  one.path = path;
  one.canPush = session.push !== undefined;
  // What came of a path is reported from its beginning on.
  if (!one.report) one.report = new ReportBook(isSwitch ? undefined : parsedReport(before?.report), deps.clock.nowMs());
  else if (isSwitch) one.report = new ReportBook(undefined, deps.clock.nowMs());
  const watch = new ProgressWatch(one, deps, {
    path: path.id,
    report: one.report,
    isFirst: before?.lastUpdateMs === undefined,
    write: (progress) => show(one, deps, 'syncing', { progress }),
  });
  await show(one, deps, 'syncing');
  await runRound(
    { account, path, session, memory: one.memory, deps, report: one.report, signal },
    { progressed: (places) => watch.progressed(places) },
  );
  permit.done({ kind: 'ok', account });
  one.dueMs = nextDueMs(one, deps);
  await show(one, deps, 'idle', { progress: watch.finish(), isDone: true });
}

async function sessionFor(one: Tended, deps: Deps, { path, signal }: Going): Promise<IncomingSession> {
  const { kept } = one;
  if (kept?.path.id === path.id) {
    await kept.stopWatching();
    return kept.session;
  }
  await letGo(one);
  const { callLimitMs } = deps.settings;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(callLimitMs)]);
  const opened = await deps.upstreams[path.kind]?.open?.(path, deps.credentialFor(one.account), limit);
  if (!opened) throw new MailError('bug', `Nobody reads by ${path.kind}.`, { code: 'no-upstream' });
  const session = boundedSession(opened, { clock: deps.clock, limitMs: callLimitMs });
  one.kept = { path, session, stopWatching: () => Promise.resolve() };
  return session;
}

/** Ends the session that was kept, if any. */
export async function letGo(one: Tended): Promise<void> {
  const { kept } = one;
  one.kept = undefined;
  if (!kept) return;
  await kept.stopWatching();
  await kept.session.close();
}

async function failed(one: Tended, deps: Deps, { path, permit, error, signal }: Going & { readonly error: unknown }): Promise<void> {
  const { account } = one;
  await letGo(one);
  if (!deps.store.read((reader) => isStaying(reader, account))) one.gone.abort('gone');
  if (signal.aborted || one.gone.signal.aborted) return;
  const reason: Reason = reasonOf(error);
  if (one.memory) forgetProofs(one.memory);
  one.isFailing = true;
  const isRefused = error instanceof MailError && error.kind === 'auth';
  // Asked before this refusal counts: law 14 is about the others.
  const isBelieved = isRefused && deps.board.believesAuthFailure(path.id, account);
  const retryAfterMs = retryAfterOf(error);
  permit.done({ kind: 'failed', reason, account, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  one.dueMs = isBelieved ? deps.clock.nowMs() + REFUSED_AGAIN_MS : nextTryMs(one, deps, path);
  if (reason.class === 'internal') deps.log.error('a round of the mirror failed', { account, path: path.id, error });
  else deps.log.warn('a round of the mirror ended early', { account, path: path.id, class: reason.class, reason: reason.text });
  await show(one, deps, isBelieved ? 'refused' : 'waiting');
}

function outlooks({ provider, troubles }: Tended, { board, upstreams }: Deps): readonly PathOutlook[] {
  return provider.incoming
    .filter((path) => upstreams[path.kind]?.open !== undefined)
    .map((path) => ({
      path,
      health: board.health(path.id),
      room: board.room(path.id),
      nextChanceMs: board.nextChanceMs(path.id),
      trouble: troubles.get(path.id),
    }));
}

/** After a failure: by another path at once, if this one rests and that one works. */
function nextTryMs(one: Tended, deps: Deps, path: Path): number {
  const { nowMs } = pace(deps);
  const trouble = troubled(one.troubles.get(path.id), pace(deps));
  one.troubles.set(path.id, trouble);
  const next = choosePath(outlooks(one, deps), nowMs);
  const isOther = next.kind === 'go' && next.path.id !== path.id;
  return nowMs + (isOther ? Math.min(trouble.forMs, Math.round(deps.random() * SPREAD_MS)) : trouble.forMs);
}

/** After a round: by the pace, or when there is something to be carried back, if that is sooner. */
function nextDueMs({ account, canPush }: Tended, deps: Deps): number {
  const byPaceMs = nextRoundMs(pace(deps));
  const intentMs = canPush ? deps.store.read((reader) => nextIntentMs(reader, account)) : undefined;
  return intentMs === undefined ? byPaceMs : soonerMs(byPaceMs, { nowMs: intentMs, lastEndMs: deps.clock.nowMs() });
}

function pace({ clock, settings, random }: Deps): Pace {
  return { nowMs: clock.nowMs(), pollEveryMs: settings.pollEveryMs, retry: settings.retry, random: random() };
}

/** Brings the account's row in line. A person who asked meanwhile is not forgotten. */
async function show(
  one: Tended,
  deps: Deps,
  state: MirrorState,
  also: { readonly progress?: MirrorProgress; readonly isDone?: boolean } = {},
): Promise<void> {
  const { account } = one;
  const before = deps.store.read((reader) => findMirror(reader, account));
  if (state === before?.state && !also.progress && state !== 'idle') return;
  try {
    await deps.store.write((tx) => {
      if (!isStaying(tx, account)) return;
      const row = findMirror(tx, account);
      const nowMs = deps.clock.nowMs();
      // What was asked for before this round began is done with it; so is what was asked for later than now, before the clock was set back.
      const isAsked = row?.askedAtMs !== undefined && (also.isDone !== true || (row.askedAtMs >= one.startMs && row.askedAtMs <= nowMs));
      const held = heldIn(tx, listRemoteMailboxes(tx, account));
      one.report?.held(held);
      const shown = state === 'idle' && held.length > 0 ? 'held' : state;
      const path = one.path?.id ?? row?.path;
      const progress = also.progress === undefined ? row?.progress : JSON.stringify(also.progress);
      const report = one.report === undefined ? row?.report : JSON.stringify(one.report.report);
      putMirror(tx, {
        account,
        state: shown,
        sinceMs: shown === row?.state ? row.sinceMs : nowMs,
        nextAtMs: isAsked ? nowMs : Math.max(one.dueMs, nowMs),
        ...(path === undefined ? {} : { path }),
        ...(also.isDone === true ? { lastUpdateMs: nowMs } : row?.lastUpdateMs === undefined ? {} : { lastUpdateMs: row.lastUpdateMs }),
        ...(isAsked && row?.askedAtMs !== undefined ? { askedAtMs: row.askedAtMs } : {}),
        ...(progress === undefined ? {} : { progress }),
        ...(report === undefined ? {} : { report }),
      });
    });
  } catch (error) {
    deps.log.error('the state of a mirror could not be written', { account, error });
  }
}

function parsedReport(text: string | undefined): MirrorReport | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as MirrorReport);
}
