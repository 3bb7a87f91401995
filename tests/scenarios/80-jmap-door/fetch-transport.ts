import { Readable } from 'node:stream';
import { jmapError, type JmapTransport } from '@stopgap/jmap';

/** The JMAP client's requests by `fetch`, with whatever headers say who asks. */
export function fetchTransport(headers: Readonly<Record<string, string>>): JmapTransport {
  return async ({ method, url, headers: own, body, signal }) => {
    const bytes = body === undefined ? {} : typeof body === 'string' ? { body } : { body: await whole(body.open()) };
    const reply = await fetch(url, { method, headers: { ...own, ...headers }, signal, redirect: 'manual', ...bytes }).catch(
      (error: unknown) => {
        throw jmapError('lost', String(error), { host: url.host });
      },
    );
    return {
      status: reply.status,
      header: (name) => reply.headers.get(name) ?? undefined,
      body: reply.body === null ? Readable.from([]) : Readable.fromWeb(reply.body),
      discard: () => void reply.body?.cancel().catch(() => undefined),
    };
  };
}

export function basicHeaders(address: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}` };
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
