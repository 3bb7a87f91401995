import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MailError } from '@stopgap/core';
import type { IndexedMessage } from '../indexed-message.ts';
import type { IndexAnswers, IndexCall, IndexReply, IndexRequest } from './index-messages.ts';

/**
 * At the end it may finish what it was told for so long. A thread that is ended while it still loads SQLite takes the whole process along (seen with
 * Node 24: napi_register_module_v1 aborts), and what it has not indexed would only be read from the blobs again.
 */
const FINISH_MS = 5000;

/** Of its JavaScript; SQLite's own memory is bounded in index-file.ts. Without it young garbage alone grows to a hundred megabytes. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** The search worker as one function. It is started at the first request, and again at the next one after it died; what it had not answered is rejected. */
export class IndexClient {
  readonly #directory: string;
  readonly #onDeath: () => void;
  readonly #script: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #isClosed = false;
  #onAllAnswered: () => void = () => undefined;
  #number = 0;

  /** @param onDeath what it was told and has not answered may be lost */
  constructor(directory: string, onDeath: () => void, script: URL = new URL('index-worker.ts', import.meta.url)) {
    this.#directory = directory;
    this.#onDeath = onDeath;
    this.#script = script;
  }

  /** Requests are done in the order of the calls. Rejects with a MailError `search-failed`. */
  ask<Kind extends IndexRequest['kind']>(request: Extract<IndexRequest, { kind: Kind }>): Promise<IndexAnswers[Kind]> {
    if (this.#isClosed) return Promise.reject(failed('it is closed'));
    const worker = (this.#worker ??= this.#start());
    this.#number += 1;
    const { asked, moved } = movable(request);
    const call: IndexCall = { number: this.#number, request: asked };
    return new Promise((resolve, reject) => {
      this.#waiting.set(call.number, { resolve, reject });
      // Only for as long as an answer is awaited does it keep the process.
      worker.ref();
      worker.postMessage(call, moved);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#finish();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#rejectAll('it was closed');
  }

  async #finish(): Promise<void> {
    if (this.#waiting.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onAllAnswered = resolve;
      timer = setTimeout(resolve, FINISH_MS);
    });
    clearTimeout(timer);
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { workerData: { directory: this.#directory }, resourceLimits: LIMITS, env: environment() });
    worker.on('message', (reply: IndexReply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#died(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#died(worker, 'its thread ended'));
    return worker;
  }

  #settle(worker: Worker, reply: IndexReply): void {
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if (this.#waiting.size === 0) worker.unref();
    if ('error' in reply) waiting?.reject(failed(reply.error));
    else waiting?.resolve(reply.answer as never);
    if (this.#waiting.size === 0) this.#onAllAnswered();
  }

  #died(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#rejectAll(why);
    this.#onDeath();
  }

  #rejectAll(why: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(failed(why));
    this.#onAllAnswered();
  }
}

/** What is copied to another thread of a text is all of the memory that it is in; and what is moved there is gone here. So all texts get memory of their own. */
function movable(request: IndexRequest): { readonly asked: IndexRequest; readonly moved: ArrayBuffer[] } {
  if (request.kind !== 'feed' || request.messages.length === 0) return { asked: request, moved: [] };
  const memory = Buffer.allocUnsafeSlow(request.messages.reduce((sum, { text }) => sum + text.length, 0));
  let end = 0;
  const messages = request.messages.map((message): IndexedMessage => {
    const start = end;
    end += message.text.length;
    memory.set(message.text, start);
    return { ...message, text: memory.subarray(start, end) };
  });
  return { asked: { ...request, messages }, moved: [memory.buffer] };
}

/** With the compile cache of this thread, where it has one: without it the worker brings a TypeScript compiler of 30 MB along. */
function environment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) };
}

function failed(why: string): MailError {
  return new MailError('transient', `The search index failed: ${why}`, { code: 'search-failed', reply: 'the search failed; try again' });
}
