/*
 * HTTP as a webmail needs it: cookies, redirects by hand, bounded bodies, deadlines. The dispatcher carries the guard against private addresses
 * and the certificate authorities; nothing here decides where a connection may go, except that it never leaves the origin of the path.
 */
import type { Readable } from 'node:stream';
import { MailError, retryAfterMs } from '@stopgap/core';
import { CookieJar } from 'tough-cookie';
import { request as httpRequest, type Dispatcher } from 'undici';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { neverConnected } from '../net/never-connected.ts';
import { roundcubeError } from './errors.ts';

const MOST_COOKIES_PER_ANSWER = 50;
/** The largest page seen is the list page of an account with a thousand folders, under 1 MB. */
const LONGEST_TEXT = 8 * 1024 * 1024;
/** Roundcube itself waits imap_timeout (15 s) for its storage, several times over in one request. */
export const REQUEST_DEADLINE_MS = 90_000;

export interface WebRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream needs its length: PHP's own server and some proxies take no chunked request. */
  readonly body?: { readonly type: string; readonly bytes: string | Readable; readonly length: number };
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

export interface WebReply {
  readonly status: number;
  readonly url: URL;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/** One browser, so to speak: the cookies of one log-in. */
export class Web {
  readonly #dispatcher: Dispatcher;
  readonly #origin: string;
  // Names under .test and .local are as good as any other here.
  readonly #cookies = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });

  constructor(base: URL, dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
    this.#origin = base.origin;
  }

  /**
   * Redirects are the caller's matter; a webmail that asks to come back later rejects with `busy`. Never leaves the origin, wherever a page or a redirect
   * points: credentials do not travel.
   */
  async send(request: WebRequest): Promise<WebReply> {
    this.#checkOrigin(request.url);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.deadlineMs ?? REQUEST_DEADLINE_MS)]);
    try {
      // Roundcube's texts are localised by this header until the log-in.
      const headers: Record<string, string> = { 'accept-language': 'en-US', accept: '*/*', ...request.headers };
      const cookie = await this.#cookies.getCookieString(request.url.href);
      if (cookie !== '') headers['cookie'] = cookie;
      if (request.body !== undefined) {
        headers['content-type'] = request.body.type;
        headers['content-length'] = String(request.body.length);
      }
      const reply = await httpRequest(request.url, {
        method: request.method,
        headers,
        body: request.body?.bytes ?? null,
        dispatcher: this.#dispatcher,
        signal,
        headersTimeout: request.deadlineMs ?? REQUEST_DEADLINE_MS,
        bodyTimeout: REQUEST_DEADLINE_MS,
      });
      await this.#keepCookies(request.url, reply.headers['set-cookie']);
      const answer = {
        status: reply.statusCode,
        url: request.url,
        contentType: (oneOf(reply.headers['content-type']) ?? '').toLowerCase(),
        headers: reply.headers,
        body: reply.body,
      };
      refuseBusy(answer);
      return answer;
    } catch (error) {
      throw networkError(error, request.url.hostname, request.signal);
    }
  }

  /** Where a redirect leads; `send` refuses to follow it to another origin, so also from https to http. */
  redirectTarget(reply: WebReply): URL | undefined {
    const location = reply.headers['location'];
    if (reply.status < 300 || reply.status > 399 || typeof location !== 'string') return undefined;
    if (!URL.canParse(location, reply.url)) throw roundcubeError('unintelligible', 'The webmail sent a redirect that is no address.');
    return new URL(location, reply.url);
  }

  #checkOrigin(url: URL): void {
    if (url.origin === this.#origin && url.username === '' && url.password === '') return;
    throw roundcubeError(
      'redirect-refused',
      `The webmail points to another place (${url.origin}); only ${this.#origin} may see the password.`,
    );
  }

  async #keepCookies(url: URL, header: string | string[] | undefined): Promise<void> {
    const lines = header === undefined ? [] : Array.isArray(header) ? header : [header];
    for (const line of lines.slice(0, MOST_COOKIES_PER_ANSWER)) await this.#cookies.setCookie(line, url.href, { ignoreError: true });
  }
}

/** RFC 6585 4; and RFC 9110 15.6.4: a 503 that says for how long is no outage. @throws MailError `busy` */
function refuseBusy(reply: WebReply): void {
  const pauseMs = retryAfterMs(oneOf(reply.headers['retry-after']), Date.now());
  if (reply.status !== 429 && (reply.status !== 503 || pauseMs === undefined)) return;
  discard(reply);
  const host = reply.url.hostname;
  throw roundcubeError('busy', `${host} asks to come back later (HTTP status ${reply.status}).`, { host, retryAfterMs: pauseMs });
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

export async function textOf(reply: WebReply, signal: AbortSignal, longest = LONGEST_TEXT): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytesOf(reply, signal)) {
    size += chunk.length;
    if (size > longest) throw roundcubeError('too-big', `The webmail sent a page of more than ${longest} bytes.`, { class: 'protocol' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Ends early when the consumer does; the rest of the body is thrown away then. */
export async function* bytesOf(reply: WebReply, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of reply.body) yield chunk as Buffer;
  } catch (error) {
    throw networkError(error, reply.url.hostname, signal);
  } finally {
    discard(reply);
  }
}

export function discard(reply: WebReply): void {
  reply.body.on('error', ignore).destroy();
}

function ignore(): void {}

function networkError(error: unknown, host: string, signal: AbortSignal): MailError {
  if (error instanceof MailError && error.code.startsWith('roundcube-')) return error;
  if (signal.aborted) return roundcubeError('lost', `The request to ${host} was cancelled.`, { class: 'cancelled', host, cause: error });
  if (isTimeout(error)) return roundcubeError('lost', `${host} did not answer in time.`, { class: 'connect', host, cause: error });
  const reason = reasonOfNetworkError(error, host);
  const code = neverConnected(error) ? 'unreachable' : 'lost';
  return roundcubeError(code, reason.text, { class: reason.class, host, cause: error });
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'TimeoutError' || error.name === 'HeadersTimeoutError' || error.name === 'BodyTimeoutError')
  );
}
