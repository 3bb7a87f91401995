import { createServer, request as sendOn, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TapRequest {
  /** 1 is the first since the rule was set. */
  readonly number: number;
  readonly method: string;
  /** Roundcube's; '' for a page. */
  readonly action: string;
}

/** What becomes of a request on its way. */
export type Fate =
  | { readonly kind: 'pass' }
  /** It never arrives, and the connection ends. */
  | { readonly kind: 'lose-request' }
  /** It is done, and the connection ends before a word of the answer. */
  | { readonly kind: 'lose-answer' }
  /** It is done, and something else answers. */
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly body: string; readonly isDone: boolean }
  /** Arrives changed. */
  | {
      readonly kind: 'change';
      readonly headers?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
      readonly body?: (body: string) => string;
    };

export const PASS: Fate = { kind: 'pass' };

/** A place on the way to a webmail where requests and answers get lost. */
export interface HttpTap {
  readonly url: string;
  /** Counts from 1 again. */
  setRule(rule: (request: TapRequest) => Fate): void;
  /** Since the last rule was set. */
  seen(): readonly TapRequest[];
  close(): Promise<void>;
}

export async function openTap(target: string): Promise<HttpTap> {
  let rule: (request: TapRequest) => Fate = () => PASS;
  let seen: TapRequest[] = [];
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', target);
    const request = { number: seen.length + 1, method: incoming.method ?? 'GET', action: url.searchParams.get('_action') ?? '' };
    seen.push(request);
    serve({ incoming, response, url }, rule(request));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${new URL(target).pathname}`,
    setRule(next) {
      rule = next;
      seen = [];
    },
    seen: () => seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

function serve(passage: Passage, fate: Fate): void {
  const { incoming, response, url } = passage;
  const cut = () => incoming.socket.destroy();
  if (fate.kind === 'lose-request') return void incoming.resume().once('end', cut);
  if (fate.kind === 'answer' && !fate.isDone)
    return void incoming.resume().once('end', () => response.writeHead(fate.status, { 'content-type': fate.type }).end(fate.body));
  const changed = fate.kind === 'change' ? fate.headers?.(incoming.headers) : undefined;
  const headers = { ...(changed ?? incoming.headers), connection: 'close' };
  if (fate.kind === 'change' && fate.body !== undefined) delete headers['content-length'];
  const onward = sendOn(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
    if (fate.kind === 'lose-answer') return void answer.resume().once('end', cut);
    if (fate.kind === 'answer')
      return void answer.resume().once('end', () => response.writeHead(fate.status, { 'content-type': fate.type }).end(fate.body));
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.once('error', cut);
  });
  onward.once('error', cut);
  incoming.once('error', () => onward.destroy());
  if (fate.kind !== 'change' || fate.body === undefined) return void incoming.pipe(onward);
  const change = fate.body;
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.once('end', () => {
    const body = Buffer.from(change(Buffer.concat(chunks).toString('latin1')), 'latin1');
    onward.setHeader('content-length', body.length);
    onward.end(body);
  });
}
