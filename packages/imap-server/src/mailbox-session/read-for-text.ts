/* Looks for a text by reading messages one after the other: what no index can leave out. */
import type { MessageId } from '@stopgap/core';
import { listHeldMessages, type HeldMessage, type SearchRow, type Store } from '@stopgap/store';
import type { AskedCriteria, Rows } from './criteria.ts';
import { textLook, type TextLook } from './text-look.ts';

/** Read and looked into in one go; between two the event loop turns. */
const AT_ONCE_BYTES = 512 * 1024;
const AT_ONCE = 200;

export interface ReadForText {
  readonly found: ReadonlySet<MessageId>;
  /** False: of some messages the body is not here, or there were too many octets. */
  readonly isComplete: boolean;
}

/** What all searches of one command may read together. */
export interface ReadAllowance {
  octets: number;
}

export async function readForText(
  store: Store,
  criteria: AskedCriteria,
  { rows, allowance, signal }: { readonly rows: Rows; readonly allowance: ReadAllowance; readonly signal: AbortSignal },
): Promise<ReadForText> {
  const look = textLook(criteria);
  const found = new Set<MessageId>();
  let isComplete = true;
  for (const [index, some] of [...portions(rows)].entries()) {
    if (index > 0) await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
    if (allowance.octets <= 0) return { found, isComplete: false };
    const held = store.read((reader) =>
      listHeldMessages(
        reader,
        some.map(({ id }) => id),
      ),
    );
    for (const message of held) {
      allowance.octets -= message.blob.sizeBytes;
      if (await holds(store, look, message)) found.add(message.id);
      else if (message.isHeader && criteria.kind === 'text') isComplete = false;
    }
    if (held.length < some.length) isComplete = false;
  }
  return { found, isComplete };
}

function* portions(rows: Rows): Generator<Rows> {
  let portion: SearchRow[] = [];
  let octets = 0;
  for (const row of rows) {
    portion.push(row);
    octets += row.sizeBytes;
    if (octets < AT_ONCE_BYTES && portion.length < AT_ONCE) continue;
    yield portion;
    portion = [];
    octets = 0;
  }
  if (portion.length > 0) yield portion;
}

async function holds(store: Store, look: TextLook, { bytes, blob }: HeldMessage): Promise<boolean> {
  if (bytes) return look.whole(bytes);
  try {
    return await look.pieces(store.blobs.open(blob));
  } catch (error) {
    // Purged meanwhile.
    if (error instanceof Error && 'code' in error && error.code === 'blob-missing') return false;
    throw error;
  }
}
