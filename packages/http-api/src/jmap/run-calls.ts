import { CORE, type JmapRequestObject } from '@stopgap/jmap';
import { MOST_ANSWER_CHARACTERS } from './limits.ts';
import { MethodError } from './method-error.ts';
import { failureOf } from './method-failure.ts';
import type { CallContext, Json, MethodAnswer } from './method.ts';
import { METHODS } from './methods.ts';
import { resolveReferences, type EarlierAnswer } from './references.ts';

/** What was changed is told in any case: an error would say that nothing was. There are no more objects than were asked for. */
const CHANGES = /\/(?:set|import|copy|act)$/;

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
      if (characters + text.length > MOST_ANSWER_CHARACTERS && !CHANGES.test(responseName)) {
        const error = { type: 'requestTooLarge', description: 'The answers together are too large; ask for less at once.' };
        texts.push(JSON.stringify(['error', error, callId]));
        earlier.push({ name: 'error', value: error, callId, characters: 0 });
        continue;
      }
      characters += text.length;
      texts.push(text);
      earlier.push({ name: responseName, value, callId, characters: text.length });
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
    return [['error', failureOf(error, { ...context, method: name })]];
  }
}
