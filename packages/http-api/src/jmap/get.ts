import type { GetArguments } from '@stopgap/jmap';
import { LIMITS } from './limits.ts';
import { MethodError } from './method-error.ts';
import type { Json } from './method.ts';

/** The ids that are asked for, each once; undefined: all. @throws MethodError requestTooLarge */
export function wantedIds({ ids }: Pick<GetArguments, 'ids'>): readonly string[] | undefined {
  if (ids === null || ids === undefined) return undefined;
  const wanted = [...new Set(ids)];
  if (wanted.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge');
  return wanted;
}

/** RFC 8620 5.1: `id` always, and what is asked for; null: all. @throws MethodError invalidArguments for one that is not known */
export function wantedProperties<Name extends string>(
  asked: readonly string[] | null | undefined,
  known: readonly Name[],
): ReadonlySet<Name> {
  if (asked === null || asked === undefined) return new Set(known);
  const unknown = asked.find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw new MethodError('invalidArguments', `There is no property ${unknown.slice(0, 100)}.`);
  return new Set(asked as readonly Name[]);
}

/** Only the wanted ones of an object's properties, and its id; each is made when it is wanted. */
export function picked<Name extends string>(
  id: string,
  wanted: ReadonlySet<Name>,
  make: Readonly<Record<Exclude<Name, 'id'>, () => unknown>>,
): Json {
  const object: Record<string, unknown> = { id };
  for (const name of wanted) if (name !== 'id') object[name] = make[name as Exclude<Name, 'id'>]();
  return object;
}

/** Objects by id, in the order of the question. */
export function found<T>(ids: readonly string[], find: (id: string) => T | undefined): { readonly list: T[]; readonly notFound: string[] } {
  const list: T[] = [];
  const notFound: string[] = [];
  for (const id of ids) {
    const one = find(id);
    if (one === undefined) notFound.push(id);
    else list.push(one);
  }
  return { list, notFound };
}
