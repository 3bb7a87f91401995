import { z } from 'zod';
import { docOf, type KeyDoc } from './key.ts';

/** One key as the manual shows it. A key of several kinds of path comes once for each kind. */
export interface SchemaKey {
  /** `providers[].outgoing[].host` */
  readonly name: string;
  /** Undefined: the key has none, which a test forbids. */
  readonly doc: KeyDoc | undefined;
  readonly schema: z.core.$ZodType;
  /** The kind of path it belongs to. */
  readonly kind?: string;
  readonly isRequired: boolean;
}

/** All keys of a schema, each above the keys below it. */
export function keysOf(schema: z.core.$ZodType, prefix = ''): SchemaKey[] {
  return objectsBelow(schema).flatMap(({ object, isList }) => {
    const kind = kindOf(object);
    const inside = isList ? `${prefix}[].` : prefix === '' ? '' : `${prefix}.`;
    return Object.entries(object.shape).flatMap(([name, child]) => [
      {
        name: inside + name,
        doc: docOf(child),
        schema: child,
        ...(kind === undefined ? {} : { kind }),
        isRequired: !z.safeParse(child, undefined).success,
      },
      ...keysOf(child, inside + name),
    ]);
  });
}

/** The names that are known where an unknown one stood, by kind of path where there are kinds. */
export function namesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly { name: string; kind?: string }[] {
  const place = path.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`)).join('');
  const start = place === '' ? '' : `${place.slice(1)}.`;
  return keysOf(schema)
    .filter(({ name }) => name.startsWith(start) && !/[.[]/.test(name.slice(start.length)))
    .map(({ name, kind }) => ({ name: name.slice(start.length), ...(kind === undefined ? {} : { kind }) }));
}

function objectsBelow(schema: z.core.$ZodType, isList = false): { object: z.ZodObject; isList: boolean }[] {
  if (schema instanceof z.ZodObject) return [{ object: schema, isList }];
  if (schema instanceof z.ZodArray) return objectsBelow(schema.element, true);
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap((option) => objectsBelow(option, isList));
  if (schema instanceof z.ZodPipe) return objectsBelow(schema.out, isList);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return objectsBelow(schema.unwrap(), isList);
  return [];
}

function kindOf(object: z.ZodObject): string | undefined {
  const kind: unknown = object.shape['kind'];
  return kind instanceof z.ZodLiteral ? String(kind.value) : undefined;
}
