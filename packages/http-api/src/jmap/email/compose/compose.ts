import { composeMessage } from '@stopgap/message';
import { SetProblem } from '../../method-error.ts';
import type { CallContext, Json } from '../../method.ts';
import { invalidProperties } from '../../set.ts';
import { bodyPlan, BODY_PROPERTIES } from './body-plan.ts';
import { headerText, isHeaderProperty } from './header-text.ts';

/**
 * RFC 8621 4.6: a message out of the properties of an Email, without those of its place. What is wrong is said before the first byte comes.
 * @throws SetProblem invalidProperties, blobNotFound
 */
export async function* composeEmail(properties: Json, context: CallContext): AsyncGenerator<Buffer> {
  const unknown = Object.keys(properties).filter((name) => !BODY_PROPERTIES.has(name) && !isHeaderProperty(name));
  if (unknown.length > 0) throw invalidProperties(unknown, 'A message is not made of this.');
  const body = await bodyPlan(properties, context);
  const header = headerText(properties, context);
  // The outermost part has its fields in the same block.
  const twice = namesOf(body.fields ?? '').find((name) => namesOf(header).includes(name));
  if (twice !== undefined) throw invalidProperties([`header:${twice}`], 'This field is given twice.');
  yield* composeMessage(header, body);
}

function namesOf(fields: string): readonly string[] {
  return [...fields.matchAll(/^[!-9;-~]+(?=:)/gm)].map(([name]) => name.toLowerCase());
}

/** What is known only when bytes are looked for. */
export function blobNotFound(blobIds: readonly string[]): SetProblem {
  return new SetProblem('blobNotFound', 'There is no such blob.', { notFound: blobIds });
}
