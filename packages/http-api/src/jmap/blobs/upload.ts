import { randomBytes } from 'node:crypto';
import { deleteAgedUploads, insertUpload, keepBlob, trimUploads } from '@stopgap/store';
import { route, type App, type AppContext } from '../../app-env.ts';
import { boundedBody, payloadTooLarge } from '../../bounded-body.ts';
import type { HttpApiDeps } from '../../deps.ts';
import { HttpProblem, notFound } from '../../problem.ts';
import type { Authenticate } from '../../sessions/authenticate.ts';
import { Busy } from '../busy.ts';
import { wire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { requestProblems } from '../request-problems.ts';

/** What nothing was made of goes after it (RFC 8620 6.1 asks for an hour). */
const KEPT_MS = 24 * 60 * 60_000;
/** Of one account, in messages of the largest size; the oldest go. */
const MOST_MESSAGES = 10;
const DROPPED_AT_ONCE = 100;
const TYPE_CHARACTERS = 200;

export interface UploadDeps {
  readonly deps: Pick<HttpApiDeps, 'store' | 'clock' | 'limits' | 'roomFor'>;
  readonly authenticate: Authenticate;
}

/** RFC 8620 6.1 */
export function uploadRoute(app: App, { deps, authenticate }: UploadDeps): void {
  const uploads = new Busy(LIMITS.maxConcurrentUpload);
  const upload = async (c: AppContext): Promise<Response> => {
    const { account } = await authenticate(c);
    if (c.req.param('accountId') !== wire.account(account)) throw notFound();
    using _slot = uploads.take(account, () => requestProblems.limit('maxConcurrentUpload', 429));
    const type = (c.req.header('content-type') ?? 'application/octet-stream').slice(0, TYPE_CHARACTERS);
    const blob = await stage(c, deps);
    const id = `u${randomBytes(16).toString('base64url')}`;
    const nowMs = deps.clock.nowMs();
    await deps.store.write((tx) => {
      deleteAgedUploads(tx, nowMs - KEPT_MS, DROPPED_AT_ONCE);
      insertUpload(tx, { id, account, blob: keepBlob(tx, blob), type, createdAtMs: nowMs });
      trimUploads(tx, account, MOST_MESSAGES * deps.limits.messageBytes);
    });
    return c.json({ accountId: wire.account(account), blobId: id, type, size: blob.sizeBytes }, 201);
  };
  route(app, '/jmap/upload/:accountId/', { POST: upload });
  route(app, '/jmap/upload/:accountId', { POST: upload });
}

async function stage(c: AppContext, { store, limits, roomFor }: UploadDeps['deps']) {
  const writer = store.blobs.stage();
  try {
    let size = 0;
    for await (const chunk of boundedBody(c, limits.messageBytes, () => payloadTooLarge(limits.messageBytes))) {
      size += chunk.length;
      if (!roomFor(size)) throw new HttpProblem(507, 'There is no room on the disk');
      await writer.write(chunk);
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
