import { MailError, type Completeness, type FetchedMessage, type MessageId, type RemoteMessage, type StagedBlob } from '@stopgap/core';
import { createDigester, type MessageDigest } from '@stopgap/message';
import type { Store } from '@stopgap/store';
import { looksLikeWebPage } from './content.ts';

/** A message from upstream, read to its end; its bytes wait for the transaction that keeps them. */
export interface Arrival {
  readonly remote: RemoteMessage;
  readonly completeness: Completeness;
  readonly blob: StagedBlob;
  readonly digest: MessageDigest;
  /** Messages here that have no id upstream yet and are equal but for what carriers change; best first. */
  readonly twins: readonly MessageId[];
}

/**
 * Bytes -> staged blob and digest, as they come; big ones go to disk on the way.
 * @throws MailError `void` where the bytes are none of a message; whatever the path says
 */
export async function readArrival(fetched: FetchedMessage, { blobs }: Pick<Store, 'blobs'>): Promise<Arrival> {
  const { completeness, bytes, ...remote } = fetched;
  const writer = blobs.stage();
  const digester = createDigester();
  let start: Buffer | undefined;
  try {
    for await (const chunk of bytes) {
      start ??= chunk;
      digester.write(chunk);
      await writer.write(chunk);
    }
    const digest = digester.finish();
    refuseNonsense(start ?? Buffer.alloc(0), { sizeBytes: digest.sizeBytes, toldBytes: remote.sizeBytes });
    return { remote, completeness, blob: await writer.finish(), digest, twins: [] };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** A page of the web server instead of a message, or nothing at all. */
export function refuseNonsense(start: Buffer, size: { readonly sizeBytes: number; readonly toldBytes: number | undefined }): void {
  const isAsTold = size.toldBytes === size.sizeBytes;
  if (isAsTold || !(size.sizeBytes === 0 || looksLikeWebPage(start))) return;
  const text = size.sizeBytes === 0 ? 'the provider gave an empty message' : 'the provider gave a web page instead of a message';
  throw new MailError('protocol', text, { code: 'void', reason: { class: 'protocol', text } });
}
