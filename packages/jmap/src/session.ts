import { z } from 'zod';
import { jmapError } from './errors.ts';
import { idSchema } from './ids.ts';
import { parsedReply, refusalOf } from './reply.ts';
import type { JmapTransport } from './transport.ts';
import { expandTemplate } from './url-template.ts';

export const CORE = 'urn:ietf:params:jmap:core';
export const MAIL = 'urn:ietf:params:jmap:mail';
export const SUBMISSION = 'urn:ietf:params:jmap:submission';
export const VACATION = 'urn:ietf:params:jmap:vacationresponse';
/** Our own: the state of what waits to leave, and of the ways out. */
export const OUTBOX = 'urn:stopgap:outbox';

/** Sessions of servers with hundreds of shared accounts reach 100 KB. */
const LONGEST_SESSION = 1024 * 1024;
/** RFC 8620 2.2: the well-known address redirects. */
const MOST_HOPS = 3;

/** None at all would be no server. */
const count = z.number().int().positive();

/** What a server is asked to offer at least (RFC 8620 2) stands in for what it does not say. */
export const limitsSchema = z.object({
  maxSizeUpload: z.number().int().nonnegative().default(50_000_000),
  maxConcurrentUpload: count.default(4),
  maxSizeRequest: count.default(10_000_000),
  maxConcurrentRequests: count.default(4),
  maxCallsInRequest: count.default(16),
  maxObjectsInGet: count.default(500),
  maxObjectsInSet: count.default(500),
});
export type JmapLimits = Readonly<z.infer<typeof limitsSchema>>;

const capabilitiesSchema = z.record(z.string(), z.unknown());

const accountSchema = z.object({
  name: z.string(),
  isPersonal: z.boolean().optional(),
  isReadOnly: z.boolean().optional(),
  /** Cyrus 3.6: null while the person has no mailboxes. */
  accountCapabilities: capabilitiesSchema.nullish(),
});

/** RFC 8620 2: the session resource. */
export const sessionSchema = z.object({
  capabilities: capabilitiesSchema,
  accounts: z.record(idSchema, accountSchema),
  primaryAccounts: z.record(z.string(), idSchema).default({}),
  username: z.string(),
  apiUrl: z.string(),
  downloadUrl: z.string(),
  uploadUrl: z.string(),
  eventSourceUrl: z.string().optional(),
  state: z.string().default(''),
});
export type SessionResource = Readonly<z.infer<typeof sessionSchema>>;

export interface JmapSession {
  readonly resource: SessionResource;
  readonly limits: JmapLimits;
  /** Where it was found; other addresses are relative to it. */
  readonly url: URL;
}

/**
 * Fetches the session. Follows redirects within the origin alone: nothing goes anywhere else, and so no log-in does.
 */
export async function fetchSession(transport: JmapTransport, url: URL, signal: AbortSignal): Promise<JmapSession> {
  let at = url;
  for (let hop = 0; hop <= MOST_HOPS; hop++) {
    const reply = await transport({ method: 'GET', url: at, headers: { accept: 'application/json' }, signal });
    const location = reply.header('location');
    if (reply.status >= 300 && reply.status <= 399 && location !== undefined) {
      reply.discard();
      at = sameOrigin(location, at);
      continue;
    }
    if (reply.status !== 200) throw await refusalOf(reply, at.host);
    const resource = await parsedReply(reply, sessionSchema, { longest: LONGEST_SESSION, host: at.host });
    if (!Object.hasOwn(resource.capabilities, CORE) || resource.username === '')
      throw jmapError('protocol', `${at.host} shows a session that belongs to nobody.`, { host: at.host });
    const limits = limitsSchema.safeParse(resource.capabilities[CORE]);
    if (!limits.success) throw jmapError('protocol', `${at.host} names limits that are no numbers.`, { host: at.host });
    return { resource, limits: limits.data, url: at };
  }
  throw jmapError('protocol', `${url.host} redirects without end.`, { host: url.host });
}

/** One of the session's addresses, filled in. Refuses to leave the origin, wherever the session points (RFC 8620 8.1 is why). */
export function endpointOf(session: JmapSession, template: string, values: Readonly<Record<string, string>> = {}): URL {
  return sameOrigin(expandTemplate(template, values), session.url);
}

/** The account for a purpose: the primary one, else one that can. Undefined: none can, now. */
export function accountFor({ resource }: JmapSession, capability: string): string | undefined {
  const primary = Object.hasOwn(resource.primaryAccounts, capability) ? resource.primaryAccounts[capability] : undefined;
  const able = Object.keys(resource.accounts).filter((id) => {
    const capabilities = resource.accounts[id]?.accountCapabilities;
    return capabilities !== undefined && capabilities !== null && Object.hasOwn(capabilities, capability);
  });
  if (primary !== undefined) return able.includes(primary) ? primary : undefined;
  return able.find((id) => resource.accounts[id]?.isPersonal === true) ?? able[0];
}

function sameOrigin(reference: string, base: URL): URL {
  if (!URL.canParse(reference, base.href)) throw jmapError('protocol', `${base.host} names an address that is none.`, { host: base.host });
  const url = new URL(reference, base);
  if (url.origin === base.origin && url.username === '' && url.password === '') return url;
  throw jmapError('elsewhere', `${base.host} points to another place (${url.origin}); only ${base.origin} may see the password.`, {
    host: base.host,
  });
}
