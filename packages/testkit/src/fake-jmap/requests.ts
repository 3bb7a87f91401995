import { emailMethods } from './email-methods.ts';
import { mailboxMethods } from './mailbox-methods.ts';
import { failed, type Args, type Method, type MethodContext } from './method.ts';
import { submissionMethods } from './submission-methods.ts';

type Invocation = readonly [string, Record<string, unknown>, string];

const METHODS: Readonly<Record<string, Method>> = { ...mailboxMethods, ...emailMethods, ...submissionMethods };

/** The answers to the calls of one request, one after the other (RFC 8620 3.3). */
export async function answer(calls: readonly Invocation[], context: MethodContext): Promise<Invocation[]> {
  const responses: Invocation[] = [];
  for (const [name, args, id] of calls) {
    const made = await one(name, args, { responses, context });
    for (const [answered, result] of made) responses.push([answered, result, id]);
  }
  return responses;
}

async function one(name: string, args: Args, at: { readonly responses: readonly Invocation[]; readonly context: MethodContext }) {
  const error = at.context.switches.methodErrors.get(name);
  if (error !== undefined) return failed(error);
  const method = METHODS[name];
  if (method === undefined) return failed('unknownMethod');
  const resolved = resolve(args, at.responses);
  if (resolved === undefined) return failed('invalidResultReference');
  const made = await method(resolved, at.context);
  const spoil = at.context.switches.spoiled.get(name);
  return spoil === undefined ? made : made.map(([answered, result]) => [answered, answered === name ? spoil(result) : result] as const);
}

/** RFC 8620 3.7, for paths of one step. */
function resolve(args: Args, responses: readonly Invocation[]): Args | undefined {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved[name] = value;
      continue;
    }
    const { resultOf, name: method, path } = value as { resultOf: string; name: string; path: string };
    const found = responses.find(([answered, , id]) => id === resultOf && answered === method);
    if (found === undefined) return undefined;
    resolved[name.slice(1)] = found[1][path.slice(1)];
  }
  return resolved;
}
