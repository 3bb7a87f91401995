import type { IncomingMessage } from 'node:http';

/** Roundcube's own limits are below it. */
const LONGEST_BODY = 100 * 1024 * 1024;

export interface UploadedFile {
  readonly field: string;
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** A request as PHP hands it to Roundcube. */
export interface WebmailRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly files: readonly UploadedFile[];
  readonly cookies: ReadonlyMap<string, string>;
  readonly isXhr: boolean;
  readonly headerToken: string | undefined;
  /** Of both, the form first. */
  value(name: string): string;
}

export async function readRequest(incoming: IncomingMessage): Promise<WebmailRequest> {
  const url = new URL(incoming.url ?? '/', 'http://fake');
  const body = await readBody(incoming);
  const type = incoming.headers['content-type'] ?? '';
  const boundary = /boundary=(.+)$/.exec(type)?.[1];
  const form = type.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(body.toString('utf8')) : new URLSearchParams();
  const query = url.searchParams;
  const token = incoming.headers['x-roundcube-request'];
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query,
    form,
    files: boundary === undefined ? [] : readMultipart(body, boundary),
    cookies: readCookies(incoming.headers.cookie ?? ''),
    isXhr: incoming.headers['x-requested-with'] === 'XMLHttpRequest' && (form.has('_remote') || query.has('_remote')),
    headerToken: typeof token === 'string' ? token : undefined,
    value: (name) => form.get(name) ?? query.get(name) ?? '',
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > LONGEST_BODY) throw new Error('the request is too long');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function readMultipart(body: Buffer, boundary: string): UploadedFile[] {
  const files: UploadedFile[] = [];
  const delimiter = Buffer.from(`--${boundary}`);
  let at = body.indexOf(delimiter);
  for (;;) {
    const next = at === -1 ? -1 : body.indexOf(delimiter, at + delimiter.length);
    if (next === -1) return files;
    // CRLF after the delimiter and before the next one belong to the delimiters.
    const part = body.subarray(at + delimiter.length + 2, next - 2);
    const end = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, end).toString('utf8');
    files.push({
      field: /name="([^"]*)"/.exec(head)?.[1] ?? '',
      name: /filename="([^"]*)"/.exec(head)?.[1] ?? '',
      type: /content-type: *([^\r\n;]+)/i.exec(head)?.[1] ?? '',
      content: Buffer.from(part.subarray(end + 4)),
    });
    at = next;
  }
}

function readCookies(header: string): Map<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value]])));
}
