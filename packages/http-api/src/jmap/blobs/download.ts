import { route, type App } from '../../app-env.ts';
import type { HttpApiDeps } from '../../deps.ts';
import { notFound } from '../../problem.ts';
import type { Authenticate } from '../../sessions/authenticate.ts';
import { streamBody } from '../../stream-body.ts';
import { wire } from '../ids.ts';
import { openBlob } from './open-blob.ts';
import { safeDisposition, safeType } from './safe-download.ts';

/** RFC 8620 6.2. What is not there and what is somebody else's get the same answer. */
export function downloadRoute(
  app: App,
  { deps, authenticate }: { readonly deps: Pick<HttpApiDeps, 'store'>; readonly authenticate: Authenticate },
): void {
  route(app, '/jmap/download/:accountId/:blobId/:name', {
    GET: async (c) => {
      const { account } = await authenticate(c);
      const { accountId, blobId, name } = c.req.param();
      const blob = accountId === wire.account(account) && blobId !== undefined ? await openBlob(deps.store, account, blobId) : undefined;
      if (blob === undefined) throw notFound();
      return new Response(c.req.method === 'HEAD' ? null : streamBody(blob.bytes()), {
        headers: {
          'content-type': safeType(c.req.query('type') ?? c.req.query('accept')),
          'content-length': String(blob.sizeBytes),
          'content-disposition': safeDisposition(name ?? ''),
          // Encoding it again would take away its length.
          'cache-control': 'private, no-store, no-transform',
        },
      });
    },
  });
}
