/*
 * Many messages in one download, by the plugin zipdownload (messages of a mailbox as `UID subject.eml`). Its trouble: a message that is gone, and one that
 * the storage failed to give, are empty entries, and one that the storage gave in half is half an entry; none of this is said. So the sizes are asked for
 * afterwards, of the storage itself, by searching for them; what does not have its size is left to be read one by one.
 */
import { firstError } from './answer.ts';
import { hasCode, roundcubeError } from './errors.ts';
import { searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** Held in memory, and twice while the next one is on its way. */
export const LARGEST_ZIP = 8 * 1024 * 1024;
const LARGEST_CONTENT = 3 * LARGEST_ZIP;
const ZIP_DEADLINE_MS = 300_000;
/** Sizes in one search; a URL of 8 KB is what web servers take. */
const SIZES_PER_SEARCH = 50;

export type ZipAnswer =
  | { readonly kind: 'messages'; readonly contents: ReadonlyMap<number, Buffer> }
  /** Fewer of them may do. */
  | { readonly kind: 'too-big' }
  /** This webmail has no such plugin. */
  | { readonly kind: 'unavailable' };

/** What is not among the contents could not be had in this way. */
export async function downloadZip(
  session: RoundcubeSession,
  place: { readonly mbox: string; readonly uids: readonly number[] },
  signal: AbortSignal,
): Promise<ZipAnswer> {
  const parameters = { _mbox: place.mbox, _uid: place.uids.join(','), _mode: 'eml' };
  const ask = { action: 'plugin.zipdownload.messages', parameters, signal, deadlineMs: ZIP_DEADLINE_MS };
  const download = await session.downloadByForm(ask).catch(ifUnknown);
  // With a word: the limit of the plugin (`zipdownload_selection`, in any language). Without one: nobody knows the action.
  if (download.kind === 'page') return { kind: firstError(download.page) === undefined ? 'unavailable' : 'too-big' };
  const archive = await collect(download.bytes);
  if (archive === undefined) return { kind: 'too-big' };
  const wanted = new Set(place.uids);
  const contents = new Map<number, Buffer>();
  for (const entry of entriesOf(archive, session)) {
    const uid = Number(/^\d+/.exec(entry.name)?.[0]);
    if (wanted.has(uid) && entry.sizeBytes > 0) contents.set(uid, contentOf(entry, session));
  }
  await dropHalves(session, place.mbox, contents, signal);
  return { kind: 'messages', contents };
}

function ifUnknown(error: unknown): {
  readonly kind: 'page';
  readonly page: { readonly calls: []; readonly messages: []; readonly env: {} };
} {
  // An action that nobody has registered is "not found" to Roundcube, as page or as status.
  if (hasCode(error, 'unavailable', 'unintelligible')) return { kind: 'page', page: { calls: [], messages: [], env: {} } };
  throw error;
}

/** Undefined: more than may be held. */
async function collect(bytes: AsyncGenerator<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > LARGEST_ZIP) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function entriesOf(archive: Buffer, session: RoundcubeSession): readonly ZipEntry[] {
  try {
    const entries = readZip(archive);
    if (entries.reduce((sum, entry) => sum + entry.sizeBytes, 0) > LARGEST_CONTENT) throw new Error('it unpacks to too much');
    return entries;
  } catch (error) {
    throw roundcubeError('void', 'The webmail gave an archive that can not be read.', { host: session.host, cause: error });
  }
}

function contentOf(entry: ZipEntry, session: RoundcubeSession): Buffer {
  try {
    return entry.read();
  } catch (error) {
    throw roundcubeError('void', 'The webmail gave an archive that can not be read.', { host: session.host, cause: error });
  }
}

/** Keeps what the storage says has exactly this size (RFC 9051 6.4.4: LARGER and SMALLER speak of RFC822.SIZE). */
async function dropHalves(session: RoundcubeSession, mbox: string, contents: Map<number, Buffer>, signal: AbortSignal): Promise<void> {
  const bySize = new Map<number, number[]>();
  for (const [uid, content] of contents) bySize.set(content.length, [...(bySize.get(content.length) ?? []), uid]);
  const claims = [...bySize].map(([size, uids]) => `(UID ${uids.join(',')} LARGER ${size - 1} SMALLER ${size + 1})`);
  const whole = new Set<number>();
  for (let at = 0; at < claims.length; at += SIZES_PER_SEARCH) {
    const found = await searchMailbox(session, mbox, anyOf(claims.slice(at, at + SIZES_PER_SEARCH)), signal);
    for (const uid of found) whole.add(uid);
  }
  for (const uid of contents.keys()) if (!whole.has(uid)) contents.delete(uid);
}

/** IMAP's OR takes two; halves keep it shallow. */
function anyOf(claims: readonly string[]): string {
  const half = Math.ceil(claims.length / 2);
  return claims.length === 1 ? (claims[0] ?? '') : `(OR ${anyOf(claims.slice(0, half))} ${anyOf(claims.slice(half))})`;
}
