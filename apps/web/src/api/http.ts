/*
 * Requests to the relay. A session that is over is renewed, or the person is asked for the password, and the request is made again: whoever called
 * notices only that it took longer, and nothing that was typed is lost.
 */
import type { WhyAgain } from '../login/log-in-gate.ts';
import { httpFailureOf, NoAnswer } from './failures.ts';
import { orAborted } from './or-aborted.ts';

/** No form of another site can send it. */
const PROOF_HEADER = 'x-stopgap-request';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** JSON; sent as it is when it is a Blob. */
  readonly body?: unknown;
  readonly type?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
}

export interface Http {
  /** @throws HttpFailure, NoAnswer; never for 401 */
  readonly request: (path: string, request?: HttpRequest) => Promise<Response>;
  /** For an answer of 401 that is an answer (log-in), and before there is a session. */
  readonly once: (path: string, request?: HttpRequest) => Promise<Response>;
  /** Tries to go on with a session that has run out. False: the password is needed. */
  readonly renew: () => Promise<boolean>;
  /** For an answer that shows that the session is somebody else's by now. Resolves when the right person has logged in again. */
  readonly takeBack: () => Promise<void>;
}

export interface HttpOptions {
  readonly send: (path: string, request: HttpRequest, headers: Readonly<Record<string, string>>) => Promise<Response>;
  /** Resolves when somebody has logged in again. */
  readonly logInAgain: (why: WhyAgain) => Promise<void>;
}

export function createHttp({ send, logInAgain }: HttpOptions): Http {
  // What ran out before the last renewal says nothing about the session there is now.
  let renewals = 0;
  let underWay: Promise<void> | undefined;

  const once = async (path: string, request: HttpRequest = {}): Promise<Response> => {
    const isBlob = request.body instanceof Blob;
    const type = request.type ?? (isBlob ? 'application/octet-stream' : 'application/json');
    const headers = { [PROOF_HEADER]: '1', ...(request.body === undefined ? {} : { 'content-type': type }) };
    return send(path, request, headers);
  };
  const renew = async (): Promise<boolean> => (await once('/api/session/refresh', { method: 'POST', body: {} })).ok;
  const recover = (why: WhyAgain): Promise<void> => {
    underWay ??= (async () => {
      // A session of somebody else could be renewed, and stay theirs.
      if (why === 'others' || !(await renew())) await logInAgain(why);
      renewals += 1;
    })().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  return {
    once,
    renew,
    takeBack: () => recover('others'),
    async request(path, request = {}) {
      for (;;) {
        const before = renewals;
        const response = await once(path, request);
        if (response.ok) return response;
        if (response.status !== 401) throw await httpFailureOf(response);
        request.signal?.throwIfAborted();
        if (renewals === before) await orAborted(recover('ended'), request.signal);
      }
    },
  };
}

/** By the browser: `fetch`, but for progress of what is sent, which it does not tell. */
export async function sendByBrowser(path: string, request: HttpRequest, headers: Readonly<Record<string, string>>): Promise<Response> {
  const { method = 'GET', body, signal, onProgress } = request;
  const payload = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  if (onProgress !== undefined && payload !== undefined) return sendWithProgress(path, payload, { method, headers, onProgress, signal });
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      redirect: 'error',
      ...(payload === undefined ? {} : { body: payload }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new NoAnswer(error);
  }
}

interface ProgressOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal | undefined;
}

function sendWithProgress(path: string, body: string | Blob, options: ProgressOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(options.method, path);
    for (const [name, value] of Object.entries(options.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => options.onProgress(total === 0 ? 1 : loaded / total));
    request.addEventListener('load', () =>
      resolve(new Response(request.responseText, { status: request.status, statusText: request.statusText })),
    );
    request.addEventListener('error', () => reject(new NoAnswer('the connection broke')));
    request.addEventListener('abort', () => reject(options.signal?.reason instanceof Error ? options.signal.reason : new Error('stopped')));
    options.signal?.throwIfAborted();
    options.signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}
