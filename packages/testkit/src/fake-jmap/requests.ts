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
  const resolved = resolve(args, at);
  if (resolved === undefined) return failed('invalidResultReference');
  const made = await method(resolved, at.context);
  const spoil = at.context.switches.spoiled.get(name);
  return spoil === undefined ? made : made.map(([answered, result]) => [answered, answered === name ? spoil(result) : result] as const);
}

/** RFC 8620 3.7, for paths without `*`. Undefined: nothing is there. */
function resolve(args: Args, at: { readonly responses: readonly Invocation[]; readonly context: MethodContext }): Args | undefined {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved[name] = value;
      continue;
    }
    const { resultOf, name: method, path } = value as { resultOf: string; name: string; path: string };
    const found = at.responses.find(([answered, , id]) => id === resultOf && answered === method);
    const steps = path.split('/').slice(1);
    const there = steps.length > 1 && !at.context.switches.tiesCalls ? undefined : valueAt(found?.[1], steps);
    if (there === undefined) return undefined;
    resolved[name.slice(1)] = there;
  }
  return resolved;
}

function valueAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
  return isThere ? valueAt((value as Record<string, unknown>)[step], rest) : undefined;
}
