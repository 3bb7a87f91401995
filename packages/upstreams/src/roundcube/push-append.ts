/*
 * Storing a message: by import, which trims white space at its very end and tells no UID. So the UID is looked for among those that came since, by
 * the bytes, and the flags are set afterwards.
 */
import { createHash } from 'node:crypto';
import { MailError, type RemoteAppend } from '@stopgap/core';
import { roundcubeError } from './errors.ts';
import { importMessage } from './import.ts';
import { changeFlags } from './push-messages.ts';
import { probeMailbox, searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';
import { readSource } from './source.ts';

/** More new ones than this within one import are not all compared. */
const MOST_CANDIDATES = 20;
/** PHP's rtrim: blank, tab, line ends, NUL and vertical tab. */
const TRIMMED = new Set([0x20, 0x09, 0x0a, 0x0d, 0x00, 0x0b]);

/** Undefined: stored, and not told from another one. Throws what `importMessage` throws, and of class `lost-answer` once it is stored. */
export async function append(
  session: RoundcubeSession,
  order: { readonly mbox: string; readonly message: RemoteAppend; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const { mbox, message, signal } = order;
  await refuseNul(session, message);
  // Also says that the mailbox is there: an import into one that is not only "fails".
  const { newestUid = 0 } = await probeMailbox(session, mbox, signal);
  await importMessage(session, { mbox, open: () => message.open(), receivedAtMs: message.receivedAtMs, signal });
  try {
    const uid = await findStored(session, { ...order, newestUid });
    const flags = message.flags.filter((flag) => flag !== '$recent');
    if (uid !== undefined && flags.length > 0) await changeFlags({ session, mbox, uids: [uid], signal }, { add: flags, remove: [] });
    return uid;
  } catch (error) {
    const text = 'The message was stored, and its flags may not have been.';
    throw roundcubeError('lost', text, { host: session.host, class: 'lost-answer', cause: error });
  }
}

/** An import with NUL in it "is not a valid message", as everything else that fails: only beforehand it can be told. */
async function refuseNul(session: RoundcubeSession, message: RemoteAppend): Promise<void> {
  for await (const chunk of message.open()) {
    if (!chunk.includes(0)) continue;
    const text = 'A message with NUL in it can not be stored through this webmail.';
    throw new MailError('permanent', text, { code: 'content', reason: { class: 'route', text, host: session.host } });
  }
}

interface Stored {
  readonly mbox: string;
  readonly message: RemoteAppend;
  readonly newestUid: number;
  readonly signal: AbortSignal;
}

async function findStored(session: RoundcubeSession, stored: Stored): Promise<number | undefined> {
  const { mbox, newestUid, signal } = stored;
  const came = (await searchMailbox(session, mbox, `UID ${newestUid + 1}:*`, signal)).filter((uid) => uid > newestUid);
  if (came.length === 1) return came[0];
  for (const uid of came.slice(0, MOST_CANDIDATES)) {
    if (await isSame(stored.message.open(), readSource(session, { mbox, uid }, signal))) return uid;
  }
  return undefined;
}

/** But for white space at the very end, and for line ends, which a storage may set right. */
async function isSame(one: AsyncIterable<Buffer>, other: AsyncIterable<Buffer>): Promise<boolean> {
  const [first, second] = [await digestOf(one), await digestOf(other)];
  return first === second;
}

async function digestOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let end = all.length;
    while (end > 0 && TRIMMED.has(all[end - 1] ?? 1)) end--;
    hash.update(withoutCr(all.subarray(0, end)));
    held = all.subarray(end);
  }
  return hash.digest('hex');
}

function withoutCr(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r', ''), 'latin1');
}
