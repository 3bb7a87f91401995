import { retryAfterMs as pauseOf } from '@stopgap/core';
import { z } from 'zod';
import { jmapError } from './errors.ts';
import type { JmapReply } from './transport.ts';

const LONGEST_PROBLEM = 64 * 1024;
const REQUEST_ERROR = 'urn:ietf:params:jmap:error:';

const problem = z.object({ type: z.string(), detail: z.string().nullish(), limit: z.string().nullish() });

/** The body as text, of at most so many bytes. */
export async function textOf(reply: JmapReply, longest: number, host: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > longest) {
      reply.discard();
      throw jmapError('protocol', `${host} answers with more than ${longest} bytes.`, { host });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What stands in the body, checked. Fields that are not known are left out; those of another type are an error. */
export async function parsedReply<T>(reply: JmapReply, schema: z.ZodType<T>, limits: { longest: number; host: string }): Promise<T> {
  const text = await textOf(reply, limits.longest, limits.host);
  return checked(schema, jsonOf(text, limits.host), limits.host);
}

export function checked<T>(schema: z.ZodType<T>, value: unknown, host: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw jmapError('protocol', `${host} answers with something that is no JMAP${where}.`, { host });
}

/** An answer that is neither 200 nor 201, as an error. The body is consumed. */
export async function refusalOf(reply: JmapReply, host: string): Promise<Error> {
  const retryAfterMs = pauseOf(reply.header('retry-after'), Date.now());
  const { status } = reply;
  const detail = { host, retryAfterMs };
  if (status === 400 || status === 413) {
    const found = await problemOf(reply, host);
    if (found !== undefined && found.type.startsWith(REQUEST_ERROR)) {
      const what = [found.type.slice(REQUEST_ERROR.length), found.limit, found.detail].filter(Boolean).join(', ');
      return jmapError('turned-away', `${host} turns the request away: ${what}.`, { host });
    }
    if (status === 413) return jmapError('too-big', `${host} finds the request too large.`, detail);
    return jmapError('unavailable', `${host} answers ${status}.`, { ...detail, class: 'protocol' });
  }
  reply.discard();
  if (status === 401) return jmapError('refused', `${host} refuses the log-in.`, detail);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return jmapError('throttled', `${host} asks to come back later (${status}).`, detail);
  if (status >= 300 && status <= 399) return jmapError('elsewhere', `${host} redirects where it must not (${status}).`, { host });
  return jmapError('unavailable', `${host} answers ${status}.`, detail);
}

async function problemOf(reply: JmapReply, host: string): Promise<z.infer<typeof problem> | undefined> {
  try {
    return problem.parse(jsonOf(await textOf(reply, LONGEST_PROBLEM, host), host));
  } catch {
    return undefined;
  }
}

function jsonOf(text: string, host: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw jmapError('protocol', `${host} answers with something that is no JSON.`, { host, cause: error });
  }
}
