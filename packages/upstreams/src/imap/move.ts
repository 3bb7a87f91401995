import type { MovedIds, RemoteMailboxId, RemoteMessageId } from '@stopgap/core';
import { selectToChange } from './change-flags.ts';
import { atom, nameArgument, sequence, type ImapConnection } from './connection.ts';
import { mailboxMissing, voidAnswer } from './errors.ts';
import { areOthersMarked, othersMarked, removeMarked } from './expunge.ts';
import { codeOf, textOf, type Response } from './response.ts';
import { searchUids } from './rows.ts';
import { idOf, readRanges, setsOf, uidsBelow } from './uid-set.ts';

export interface MoveAsked {
  readonly mailbox: RemoteMailboxId;
  readonly ids: readonly RemoteMessageId[];
  readonly target: RemoteMailboxId;
  readonly signal: AbortSignal;
}

/**
 * By MOVE (RFC 6851), or by COPY, a look whether the copies are there, and the removal of these originals. Where they could not be removed alone nothing is
 * copied in the first place: the call rejects with `others-marked`.
 */
export async function moveMessages(connection: ImapConnection, { mailbox, ids, target, signal }: MoveAsked): Promise<MovedIds> {
  if (ids.length === 0 || mailbox === target) return new Map();
  const box = await selectToChange(connection, mailbox, signal);
  const asked = uidsBelow(box.uidNext, ids);
  const moved = new Map<RemoteMessageId, RemoteMessageId>();
  const isSafe = connection.can('MOVE') || connection.can('UIDPLUS') || !(await areOthersMarked(connection, asked, signal));
  if (!isSafe) throw othersMarked(connection.host);
  for (const set of setsOf(asked)) {
    // Copied is what is there; a COPY of nothing is an error to some servers.
    const uids = [...(await searchUids(connection, { criteria: [atom('UID'), sequence(set)], signal }))];
    if (uids.length === 0) continue;
    if (connection.can('MOVE')) await transfer(connection, { verb: 'UID MOVE', uids, target, moved, signal });
    else await copyAndRemove(connection, { verb: 'UID COPY', uids, target, moved, signal });
  }
  return moved;
}

interface Transfer {
  readonly verb: 'UID MOVE' | 'UID COPY';
  readonly uids: readonly number[];
  readonly target: RemoteMailboxId;
  readonly moved: Map<RemoteMessageId, RemoteMessageId>;
  readonly signal: AbortSignal;
}

async function copyAndRemove(connection: ImapConnection, transferred: Transfer): Promise<void> {
  const { uids, target, moved, signal } = transferred;
  const before = await uidNextOf(connection, target, signal);
  await transfer(connection, transferred);
  const isProven = uids.every((uid) => moved.has(idOf(uid))) || (await uidNextOf(connection, target, signal)) >= before + uids.length;
  if (!isProven) throw voidAnswer(connection.host, 'it copied messages, and the copies are not there');
  await removeMarked(connection, uids, signal);
}

async function transfer(connection: ImapConnection, { verb, uids, target, moved, signal }: Transfer): Promise<void> {
  const take = (response: Response): void => {
    for (const [from, to] of copiedUids(response)) moved.set(idOf(from), idOf(to));
  };
  for (const set of setsOf(uids)) {
    try {
      // RFC 6851 4.3: with MOVE the code comes in an untagged OK, before the EXPUNGEs.
      take(await connection.command(verb, [sequence(set), nameArgument(target)], { signal, untagged: { OK: take } }));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'refused' && !(await connection.lists(target, signal))) {
        throw mailboxMissing(connection.host, error);
      }
      throw error;
    }
  }
}

/** RFC 4315 3: two sets of the same length, in the same order. */
function copiedUids(response: Response): readonly (readonly [number, number])[] {
  const code = codeOf(response);
  if (code?.name !== 'COPYUID') return [];
  const [from, to] = [1, 2].map((at) => writtenOut(textOf(code.values[at]) ?? ''));
  if (from === undefined || to === undefined || from.length !== to.length) return [];
  return from.map((uid, at) => [uid, to[at] ?? 0]);
}

/** As many as one command can name, at most. */
const MOST_UIDS = 100_000;

function writtenOut(set: string): readonly number[] | undefined {
  const ranges = readRanges(set);
  if (ranges === undefined || ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0) > MOST_UIDS) return undefined;
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
}

async function uidNextOf(connection: ImapConnection, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<number> {
  const { uidNext } = await connection.status(mailbox, signal);
  if (uidNext === undefined) throw voidAnswer(connection.host, 'it does not say UIDNEXT');
  return uidNext;
}
