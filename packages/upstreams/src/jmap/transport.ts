/*
 * The requests of the JMAP client, made by undici under the guard. The log-in is added here and goes to the origin of the path alone; redirects are not
 * followed here.
 */
import { Readable } from 'node:stream';
import type { LoginCredential } from '@stopgap/core';
import { jmapError, type JmapReply, type JmapRequest, type JmapTransport } from '@stopgap/jmap';
import { request as httpRequest, type Dispatcher } from 'undici';
import { neverConnected } from '../net/never-connected.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';

/** Until the first word of an answer; servers send mail within the request. */
const ANSWER_MS = 120_000;
/** Between two pieces of a body. */
const PIECE_MS = 90_000;

export interface TransportOptions {
  readonly dispatcher: Dispatcher;
  /** Where the log-in may go. */
  readonly origin: string;
  /** Undefined: as nobody. */
  readonly credential: LoginCredential | undefined;
  readonly answerMs?: number;
}

export function jmapTransport(options: TransportOptions): JmapTransport {
  const answerMs = options.answerMs ?? ANSWER_MS;
  const authorization = options.credential === undefined ? undefined : basicOf(options.credential);
  return async (order) => {
    const { url, body } = order;
    if (url.origin !== options.origin)
      throw jmapError('elsewhere', `Only ${options.origin} may see the password, not ${url.origin}.`, { host: url.host });
    const headers: Record<string, string> = { ...order.headers };
    if (authorization !== undefined) headers['authorization'] = authorization;
    if (body !== undefined && typeof body !== 'string') headers['content-length'] = String(body.sizeBytes);
    try {
      const reply = await httpRequest(url, {
        method: order.method,
        headers,
        body: bodyOf(order),
        dispatcher: options.dispatcher,
        signal: order.signal,
        headersTimeout: answerMs,
        // A stream of events is silent for as long as nothing happens.
        bodyTimeout: headers['accept'] === 'text/event-stream' ? 0 : PIECE_MS,
      });
      return replyOf(reply, order);
    } catch (error) {
      throw failure(error, order);
    }
  };
}

function basicOf({ username, password }: LoginCredential): string {
  return `Basic ${Buffer.from(`${username}:${password.open()}`).toString('base64')}`;
}

function bodyOf({ body }: JmapRequest): string | Readable | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : Readable.from(body.open(), { objectMode: false });
}

function replyOf(reply: Dispatcher.ResponseData, order: JmapRequest): JmapReply {
  return {
    status: reply.statusCode,
    header(name) {
      const value = reply.headers[name.toLowerCase()];
      return Array.isArray(value) ? value[0] : value;
    },
    body: translated(reply, order),
    discard: () => void reply.body.on('error', ignore).destroy(),
  };
}

async function* translated(reply: Dispatcher.ResponseData, order: JmapRequest): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of reply.body) yield chunk as Uint8Array;
  } catch (error) {
    throw failure(error, order);
  } finally {
    reply.body.on('error', ignore).destroy();
  }
}

function failure(error: unknown, { url, signal }: JmapRequest): Error {
  const { host } = url;
  if (signal.aborted) return jmapError('lost', `The request to ${host} was cancelled.`, { class: 'cancelled', host, cause: error });
  if (isTimeout(error)) return jmapError('lost', `${host} did not answer in time.`, { class: 'connect', host, cause: error });
  const reason = reasonOfNetworkError(error, host);
  const code = neverConnected(error) ? 'unreachable' : 'lost';
  return jmapError(code, reason.text, { class: reason.class, host, cause: error });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'HeadersTimeoutError' || error.name === 'BodyTimeoutError');
}

function ignore(): void {}
