import { isUtf8 } from 'node:buffer';
import { requestSchema, type JmapRequestObject } from '@stopgap/jmap';
import type { AppContext } from '../app-env.ts';
import { bodyBytes } from '../bounded-body.ts';
import { isJson } from '../sessions/cross-site.ts';
import { CAPABILITIES } from './session-resource.ts';
import { DEEPEST_JSON, LIMITS } from './limits.ts';
import { requestProblems } from './request-problems.ts';

/** @throws HttpProblem as RFC 8620 3.6.1 names them */
export async function readRequest(c: AppContext): Promise<JmapRequestObject> {
  if (!isJson(c)) throw requestProblems.notJson();
  const bytes = await bodyBytes(c, LIMITS.maxSizeRequest, () => requestProblems.limit('maxSizeRequest', 413));
  const request = requestSchema.safeParse(parsed(bytes));
  if (!request.success) {
    const [issue] = request.error.issues;
    throw requestProblems.notRequest(issue === undefined ? '' : `${issue.path.join('/')}: ${issue.message}`);
  }
  const { using, methodCalls } = request.data;
  const unknown = using.find((name) => !CAPABILITIES.has(name));
  if (unknown !== undefined) throw requestProblems.unknownCapability(unknown);
  if (methodCalls.length > LIMITS.maxCallsInRequest) throw requestProblems.limit('maxCallsInRequest');
  return request.data;
}

function parsed(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw requestProblems.notJson();
  if (isTooDeep(bytes)) throw requestProblems.notRequest('It is too deep.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw requestProblems.notJson();
  }
}

/** Before it is parsed: what walks through it later goes by recursion. */
function isTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) isText = false;
    } else if (byte === 0x22) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > DEEPEST_JSON) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}
