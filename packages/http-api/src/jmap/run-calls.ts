import { CORE, type JmapRequestObject } from '@stopgap/jmap';
import { MailError, messageOf } from '@stopgap/core';
import { MOST_ANSWER_CHARACTERS } from './limits.ts';
import { MethodError } from './method-error.ts';
import type { CallContext, Json, MethodAnswer } from './method.ts';
import { METHODS } from './methods.ts';
import { resolveReferences, type EarlierAnswer } from './references.ts';

/**
 * RFC 8620 3.6: one call after the other; an error ends its call and no other. Returns the JSON texts of the responses.
 */
export async function runCalls(calls: JmapRequestObject['methodCalls'], context: CallContext): Promise<readonly string[]> {
  const earlier: EarlierAnswer[] = [];
  const texts: string[] = [];
  let characters = 0;
  for (const [name, args, callId] of calls) {
    if (context.signal.aborted) break;
    const responses = await respond(name, args, { context, earlier });
    for (const [responseName, value] of responses) {
      const text = JSON.stringify([responseName, value, callId]);
      characters += text.length;
      if (characters > MOST_ANSWER_CHARACTERS) {
        const error = { type: 'requestTooLarge', description: 'The answers together are too large; ask for less at once.' };
        texts.push(JSON.stringify(['error', error, callId]));
        return texts;
      }
      texts.push(text);
      if (responseName !== 'error') earlier.push({ name: responseName, value, callId, characters: text.length });
    }
  }
  return texts;
}

async function respond(
  name: string,
  args: Json,
  { context, earlier }: { readonly context: CallContext; readonly earlier: readonly EarlierAnswer[] },
): Promise<readonly (readonly [string, Json])[]> {
  try {
    const method = METHODS.get(name);
    if (method === undefined || !(context.using.has(method.capability) || method.capability === CORE))
      throw new MethodError('unknownMethod');
    const { value, further = [] }: MethodAnswer = await method.run(resolveReferences(args, earlier), context);
    return [[name, value], ...further];
  } catch (error) {
    return [['error', errorOf(error, name, context)]];
  }
}

function errorOf(error: unknown, name: string, { deps, account }: CallContext): Json {
  if (error instanceof MethodError) {
    return { type: error.type, ...(error.message === '' ? {} : { description: error.message }), ...error.more };
  }
  // What is full or busy now may not be so later; the rest is ours to look into.
  if (error instanceof MailError && error.kind === 'transient') {
    return { type: 'serverUnavailable', description: error.reply ?? 'Try again in a moment.' };
  }
  deps.log.error('a JMAP method failed', { method: name, account, error: messageOf(error) });
  return { type: 'serverFail', description: 'Something went wrong here; nothing was changed.' };
}
