import { z } from 'zod';

/** What the manual says of one key. It sits on the schema that checks the key, so that the two can not drift apart. */
export interface KeyDoc {
  /** One or two sentences: what it decides, and for whom. */
  readonly doc: string;
  /** The form of its value: `duration`, `host:port or false`. */
  readonly unit: string;
  /** As it would stand in the file; undefined: none, the doc says what its absence means. */
  readonly default?: unknown;
  /** As it would stand in the file. */
  readonly example?: unknown;
}

/** A key with a default: the default is text of the file too, and goes through the same check. */
export function key<T>(schema: z.ZodType<T>, doc: KeyDoc & { readonly default: unknown; readonly example: unknown }) {
  return schema.prefault(() => doc.default).meta({ stopgap: doc });
}

/** A key that must be there. */
export function requiredKey<Schema extends z.ZodType>(schema: Schema, doc: Omit<KeyDoc, 'default'> & { readonly example: unknown }) {
  return schema.meta({ stopgap: doc });
}

/** A key that may be left out. */
export function optionalKey<Schema extends z.ZodType>(schema: Schema, doc: Omit<KeyDoc, 'default'> & { readonly example: unknown }) {
  return schema.optional().meta({ stopgap: doc });
}

/** Keys under one name. `limits:` with nothing below it (all commented out) is the same as no `limits`. */
export function section<Shape extends z.ZodRawShape>(doc: string, shape: Shape) {
  return z
    .preprocess((given) => given ?? {}, z.strictObject(shape))
    .prefault({} as never)
    .meta({ stopgap: { doc, unit: 'section' } satisfies KeyDoc });
}

export function docOf(schema: z.core.$ZodType): KeyDoc | undefined {
  return z.globalRegistry.get(schema)?.['stopgap'] as KeyDoc | undefined;
}
