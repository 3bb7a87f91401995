import { createHash } from 'node:crypto';
import { asId, systemClock } from '@stopgap/core';
import { insertRecipients, insertSubmission, keepBlob, openStore, type SubmissionRow, type Tx } from '@stopgap/store';
import { letter } from './letter.ts';

const PER_TRANSACTION = 500;
const SIZE_BYTES = 4000;
/** They came in over so long: less than after which senders are told of the delay, which would be another measurement. */
const CAME_WITHIN_MS = 3 * 60 * 60 * 1000;
const ACCOUNT = 'alice@provider.test';

/** Puts waiting messages into a new data directory as `put` would, many in one transaction. */
export async function fillStore(dataDir: string, messages: number): Promise<void> {
  const store = await openStore({ dataDir, clock: systemClock });
  const startMs = Date.now() - CAME_WITHIN_MS;
  const acceptedAtMs = (n: number) => startMs + Math.floor((n * CAME_WITHIN_MS) / messages);
  for (let from = 0; from < messages; from += PER_TRANSACTION) {
    await store.write((tx) => {
      for (let n = from; n < Math.min(from + PER_TRANSACTION, messages); n++) insert(tx, n, acceptedAtMs(n));
    });
  }
  await store.close();
}

function insert(tx: Tx, n: number, acceptedAtMs: number): void {
  const { from, to, pieces } = letter({ id: `deep.${n}`, from: ACCOUNT, sizeBytes: SIZE_BYTES });
  const bytes = Buffer.concat(pieces);
  const blob = { hash: asId.blobHash(createHash('sha256').update(bytes).digest('hex')), sizeBytes: bytes.length, inline: bytes };
  const submission: Omit<SubmissionRow, 'blob'> = {
    id: asId.submission(`${acceptedAtMs.toString(32).padStart(10, '0')}${blob.hash.slice(0, 16)}`),
    account: asId.account(ACCOUNT),
    provider: asId.provider('load'),
    kind: 'message',
    envelope: { from, smtpUtf8: false, eightBitMime: false },
    messageId: `<deep.${n}@load.test>`,
    helo: 'load.test',
    protocol: 'ESMTPA',
    acceptedAtMs,
  };
  const row = { ...submission, blob: keepBlob(tx, blob) };
  insertSubmission(tx, row, createHash('sha256').update(row.id).digest('base64'));
  insertRecipients(tx, row, [{ address: to }]);
}
