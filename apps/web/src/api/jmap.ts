import type { SessionResource } from '@stopgap/jmap';
import { HttpFailure, MethodFailure } from './failures.ts';
import type { Http, HttpRequest } from './http.ts';
import { orAborted } from './or-aborted.ts';
import { call, type Call, type MethodName, type Methods, type SetAnswer } from './methods.ts';

const CORE = 'urn:ietf:params:jmap:core';
const MAIL = 'urn:ietf:params:jmap:mail';
/** A relay that has no room for a file is not given it again before, nor a larger one. */
const NO_ROOM_MS = 5 * 60_000;
export const SUBMISSION = 'urn:ietf:params:jmap:submission';
export const OUTBOX = 'urn:stopgap:outbox';

export type AnswersTo<Calls extends readonly Call[]> = {
  readonly [Index in keyof Calls]: Calls[Index] extends Call<infer Name> ? Methods[Name]['answer'] : never;
};

/** A logged-in person's mail, by JMAP. */
export interface Jmap {
  readonly accountId: string;
  readonly address: string;
  /** Undefined: there is none yet. */
  readonly inboxId: string | undefined;
  readonly resource: SessionResource;
  readonly http: Http;
  /** Several calls in one request, in their order. @throws MethodFailure when one of them is refused */
  readonly batch: <const Calls extends readonly Call[]>(calls: Calls, signal?: AbortSignal) => Promise<AnswersTo<Calls>>;
  readonly call: <Name extends MethodName>(
    name: Name,
    args: Methods[Name]['args'],
    signal?: AbortSignal,
  ) => Promise<Methods[Name]['answer']>;
  /** RFC 8620 6.1. Gives the blob's id. */
  readonly upload: (blob: Blob, type: string, options?: Pick<HttpRequest, 'onProgress' | 'signal'>) => Promise<string>;
  /** RFC 8620 6.2: where a blob is to be had. */
  readonly downloadUrl: (blobId: string, name: string, type: string) => string;
  readonly download: (blobId: string, name: string, type: string, signal?: AbortSignal) => Promise<Blob>;
}

export function createJmap(resource: SessionResource, http: Http): Jmap {
  const accountId = resource.primaryAccounts[MAIL] ?? Object.keys(resource.accounts)[0] ?? '';
  const using = [CORE, MAIL, SUBMISSION, OUTBOX].filter((name) => Object.hasOwn(resource.capabilities, name));
  const post = async (body: unknown, signal: AbortSignal | undefined): Promise<readonly MethodResponse[]> => {
    const response = await http.request(localPath(resource.apiUrl), { method: 'POST', body, ...(signal === undefined ? {} : { signal }) });
    return ((await response.json()) as { readonly methodResponses: readonly MethodResponse[] }).methodResponses;
  };
  /** As this person, or not at all: every call names their account, so a session of somebody else carries out none of them. */
  const postAsOwn = async (body: unknown, signal: AbortSignal | undefined): Promise<readonly MethodResponse[]> => {
    for (let tries = 1; ; tries += 1) {
      const answers = await post(body, signal);
      if (!answers.some(isOfOthers)) return answers;
      signal?.throwIfAborted();
      // An answer may be from before somebody logged in again.
      if (tries > 1) await orAborted(http.takeBack(), signal);
    }
  };
  const batch: Jmap['batch'] = async (calls, signal) => {
    const body = { using, methodCalls: calls.map(({ name, args }, index) => [name, args, `c${index}`]) };
    const methodResponses = await postAsOwn(body, signal);
    return calls.map(({ name }, index) => answerTo(name, `c${index}`, methodResponses)) as unknown as AnswersTo<typeof calls>;
  };
  let full: { readonly sizeBytes: number; readonly untilMs: number; readonly said: HttpFailure } | undefined;
  const downloadUrl: Jmap['downloadUrl'] = (blobId, name, type) => filled(resource.downloadUrl, { accountId, blobId, name, type });
  return {
    accountId,
    address: resource.username,
    inboxId: (resource.accounts[accountId]?.accountCapabilities?.[OUTBOX] as { readonly inboxId?: string } | undefined)?.inboxId,
    resource,
    http,
    batch,
    async call(name, args, signal) {
      const [answer] = await batch([call(name, args)], signal);
      return answer;
    },
    async upload(blob, type, options) {
      const path = filled(resource.uploadUrl, { accountId });
      if (full !== undefined && blob.size >= full.sizeBytes && performance.now() < full.untilMs) throw full.said;
      for (;;) {
        try {
          const response = await http.request(path, { method: 'POST', body: blob, type, ...options });
          return ((await response.json()) as { readonly blobId: string }).blobId;
        } catch (error) {
          if (error instanceof HttpFailure && error.status === 507)
            full = { sizeBytes: blob.size, untilMs: performance.now() + NO_ROOM_MS, said: error };
          // There is a place for uploads to one's own account alone.
          if (!(error instanceof HttpFailure) || error.status !== 404) throw error;
          await orAborted(http.takeBack(), options?.signal);
        }
      }
    },
    downloadUrl,
    async download(blobId, name, type, signal) {
      const response = await http.request(downloadUrl(blobId, name, type), signal === undefined ? {} : { signal });
      return response.blob();
    },
  };
}

type MethodResponse = readonly [name: string, answer: unknown, callId: string];

/** RFC 8620 3.6.2: the account is none of those that the session may use. */
function isOfOthers([name, answer]: MethodResponse): boolean {
  return name === 'error' && (answer as { readonly type: string }).type === 'accountNotFound';
}

function answerTo(name: string, id: string, answers: readonly MethodResponse[]): unknown {
  // What a server does by the way (RFC 8621 7.5) comes after the answer, under the same id.
  const [answer, byTheWay] = answers.filter(([, , callId]) => callId === id);
  if (answer === undefined) throw new MethodFailure('serverFail', `no answer to ${name}`);
  if (answer[0] === 'error') {
    const { type, description } = answer[1] as { readonly type: string; readonly description?: string };
    throw new MethodFailure(type, description ?? '');
  }
  if (byTheWay === undefined) return answer[1];
  if (byTheWay[0] === 'error') throw new MethodFailure('serverPartialFail', '');
  return { ...(answer[1] as object), byTheWay: byTheWay[1] };
}

/** @throws MethodFailure when anything of it was refused */
export function allDone(answer: SetAnswer): SetAnswer {
  for (const refused of [answer.notCreated, answer.notUpdated, answer.notDestroyed]) {
    const [error] = Object.values(refused ?? {});
    if (error !== undefined) throw new MethodFailure(error.type, error.description ?? '');
  }
  return answer;
}

/** Whatever name the relay knows itself by, it is asked where this page came from, and nowhere else. */
export function localPath(address: string): string {
  const { pathname, search } = new URL(address, 'http://relay.invalid');
  return `${pathname}${search}`;
}

/** RFC 6570, level 1 */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  // Braces are not allowed in a URL, so they are filled in before it is taken apart.
  return localPath(template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? '')));
}
