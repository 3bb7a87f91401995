import { z } from 'zod';
import { callIdOf, methodErrorSchema, responseSchema, valueOf, type Answer, type Answers, type Call, type Invocation } from './calls.ts';
import { jmapError } from './errors.ts';
import { idSchema } from './ids.ts';
import { checked, parsedReply, refusalOf } from './reply.ts';
import { CORE, endpointOf, fetchSession, type JmapSession } from './session.ts';
import { Slots } from './slots.ts';
import type { JmapReply, JmapTransport, JmapUpload } from './transport.ts';

/** Of one answer; whoever asks for lists asks for pages. */
const LONGEST_ANSWER = 32 * 1024 * 1024;
const LONGEST_UPLOAD_ANSWER = 64 * 1024;

const uploadedSchema = z.object({ accountId: idSchema, blobId: idSchema, size: z.number().int().nonnegative() });
export type Uploaded = Readonly<z.infer<typeof uploadedSchema>>;

export interface DownloadedBlob {
  /** To be read, or left early; if it is never begun, to be discarded. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly type: string;
  discard(): void;
}

/** A live session with a JMAP server. It obeys the limits that the server names, and asks no other origin than its own. */
export class JmapClient {
  readonly session: JmapSession;
  readonly host: string;
  readonly #transport: JmapTransport;
  readonly #requests: Slots;
  readonly #uploads: Slots;

  constructor(session: JmapSession, transport: JmapTransport) {
    this.session = session;
    this.host = session.url.host;
    this.#transport = transport;
    this.#requests = new Slots(session.limits.maxConcurrentRequests);
    this.#uploads = new Slots(session.limits.maxConcurrentUpload);
  }

  /** Several calls in one request, done in their order. A method's error is a value, everything else is thrown. */
  async batch<const Calls extends readonly Call<unknown>[]>(calls: Calls, signal: AbortSignal): Promise<Answers<Calls>> {
    const { limits, resource } = this.session;
    if (calls.length > limits.maxCallsInRequest)
      throw jmapError('too-big', `${this.host} takes ${limits.maxCallsInRequest} calls in a request at most.`, { host: this.host });
    const body = JSON.stringify({
      using: [...new Set([CORE, ...calls.flatMap((call) => call.using)])],
      methodCalls: calls.map((call, index) => [call.name, call.args, callIdOf(index)]),
    });
    if (new TextEncoder().encode(body).length > limits.maxSizeRequest)
      throw jmapError('too-big', `${this.host} takes requests of ${limits.maxSizeRequest} bytes at most.`, { host: this.host });
    const release = await this.#requests.take(signal);
    try {
      const reply = await this.#transport({
        method: 'POST',
        url: endpointOf(this.session, resource.apiUrl),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body,
        signal,
      });
      if (reply.status !== 200) throw await refusalOf(reply, this.host);
      const { methodResponses } = await parsedReply(reply, responseSchema, { longest: LONGEST_ANSWER, host: this.host });
      return calls.map((call, index) => this.#answerTo(call, callIdOf(index), methodResponses)) as unknown as Answers<Calls>;
    } finally {
      release();
    }
  }

  /** One call; a method's error is thrown. */
  async call<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    const [answer] = await this.batch([call], signal);
    return valueOf(answer);
  }

  /** RFC 8620 6.1 */
  async upload(accountId: string, upload: JmapUpload & { readonly type: string }, signal: AbortSignal): Promise<Uploaded> {
    const { limits, resource } = this.session;
    if (upload.sizeBytes > limits.maxSizeUpload)
      throw jmapError('too-big', `${this.host} takes uploads of ${limits.maxSizeUpload} bytes at most.`, { host: this.host });
    const release = await this.#uploads.take(signal);
    try {
      const reply = await this.#transport({
        method: 'POST',
        url: endpointOf(this.session, resource.uploadUrl, { accountId }),
        headers: { 'content-type': upload.type, accept: 'application/json' },
        body: upload,
        signal,
      });
      if (reply.status !== 200 && reply.status !== 201) throw await refusalOf(reply, this.host);
      const uploaded = await parsedReply(reply, uploadedSchema, { longest: LONGEST_UPLOAD_ANSWER, host: this.host });
      if (uploaded.size === upload.sizeBytes) return uploaded;
      throw jmapError('lost', `${this.host} has ${uploaded.size} of ${upload.sizeBytes} bytes.`, { class: 'protocol', host: this.host });
    } finally {
      release();
    }
  }

  /** RFC 8620 6.2. Undefined: there is no such blob. */
  async download(blob: DownloadOrder, signal: AbortSignal): Promise<DownloadedBlob | undefined> {
    const { accountId, blobId, type, name } = blob;
    const release = await this.#requests.take(signal);
    try {
      const url = endpointOf(this.session, this.session.resource.downloadUrl, { accountId, blobId, type, name });
      const reply = await this.#transport({ method: 'GET', url, headers: { accept: type }, signal });
      if (reply.status === 404) {
        reply.discard();
        release();
        return undefined;
      }
      if (reply.status !== 200) throw await refusalOf(reply, this.host);
      const discard = (): void => {
        reply.discard();
        release();
      };
      return { bytes: endingWith(reply.body, discard), type: (reply.header('content-type') ?? '').toLowerCase(), discard };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The stream of events; undefined: this server has none, or not now. The caller reads it or discards it. */
  async events(types: readonly string[], signal: AbortSignal): Promise<JmapReply | undefined> {
    const { eventSourceUrl } = this.session.resource;
    if (eventSourceUrl === undefined || eventSourceUrl === '') return undefined;
    const url = endpointOf(this.session, eventSourceUrl, { types: types.join(','), closeafter: 'no', ping: '60' });
    const reply = await this.#transport({ method: 'GET', url, headers: { accept: 'text/event-stream' }, signal });
    if (reply.status === 200 && reply.header('content-type')?.toLowerCase().startsWith('text/event-stream') === true) return reply;
    reply.discard();
    return undefined;
  }

  #answerTo(call: Call<unknown>, id: string, responses: readonly Invocation[]): Answer<unknown> {
    const [first, ...further] = responses.filter(([, , callId]) => callId === id);
    if (first === undefined) throw jmapError('protocol', `${this.host} does not answer ${call.name}.`, { host: this.host });
    const [name, args] = first;
    if (name === 'error') return { kind: 'failed', error: checked(methodErrorSchema, args, this.host) };
    if (name !== call.name) throw jmapError('protocol', `${this.host} answers ${call.name} with ${name}.`, { host: this.host });
    // A front end that mixes up its sessions.
    if (Object.hasOwn(args, 'accountId') && args['accountId'] !== call.args['accountId'])
      throw jmapError('protocol', `${this.host} answers ${call.name} for another account.`, { host: this.host });
    return { kind: 'answered', value: checked(call.answer, args, this.host), further };
  }
}

export interface DownloadOrder {
  readonly accountId: string;
  readonly blobId: string;
  readonly type: string;
  readonly name: string;
}

/** Logs in, so to speak: fetches the session with what the transport adds to each request. */
export async function openJmap(transport: JmapTransport, url: URL, signal: AbortSignal): Promise<JmapClient> {
  return new JmapClient(await fetchSession(transport, url, signal), transport);
}

async function* endingWith(body: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    end();
  }
}
