/* RFC 8620 5.5: FilterOperator and FilterCondition, as every query reads them. */
import { z } from 'zod';
import { MethodError } from './method-error.ts';

const DEEPEST = 20;
const MOST_CONDITIONS = 200;
const operatorSchema = z.strictObject({ operator: z.enum(['AND', 'OR', 'NOT']), conditions: z.array(z.record(z.string(), z.unknown())) });

export type Filter = Readonly<Record<string, unknown>>;

/** What conditions become, and how they are put together. */
export interface FilterForm<Condition, T> {
  /** Strict: what it has no key for is not supported. */
  readonly schema: z.ZodType<Condition>;
  readonly one: (condition: Condition) => T;
  readonly all: (of: readonly T[]) => T;
  readonly any: (of: readonly T[]) => T;
  readonly not: (of: T) => T;
}

/** @throws MethodError unsupportedFilter, invalidArguments */
export function readFilter<Condition, T>(filter: Filter, form: FilterForm<Condition, T>): T {
  let conditions = 0;
  const read = (one: Filter, depth: number): T => {
    if (depth > DEEPEST || ++conditions > MOST_CONDITIONS) throw new MethodError('unsupportedFilter', 'The filter asks for too much.');
    if (!Object.hasOwn(one, 'operator')) return form.one(conditionOf(form.schema, one));
    const parsed = operatorSchema.safeParse(one);
    if (!parsed.success) throw new MethodError('invalidArguments', 'filter: that is no operator.');
    const of = parsed.data.conditions.map((inner) => read(inner, depth + 1));
    // NOT: none of them.
    if (parsed.data.operator === 'NOT') return form.not(form.any(of));
    return parsed.data.operator === 'AND' ? form.all(of) : form.any(of);
  };
  return read(filter, 0);
}

/** For what is filtered one by one. @throws MethodError unsupportedFilter, invalidArguments */
export function predicateOf<Condition, Item>(
  filter: Filter | null | undefined,
  schema: z.ZodType<Condition>,
  matches: (item: Item, condition: Condition) => boolean,
): (item: Item) => boolean {
  return readFilter<Condition, (item: Item) => boolean>(filter ?? {}, {
    schema,
    one: (condition) => (item) => matches(item, condition),
    all: (of) => (item) => of.every((one) => one(item)),
    any: (of) => (item) => of.some((one) => one(item)),
    not: (of) => (item) => !of(item),
  });
}

function conditionOf<Condition>(schema: z.ZodType<Condition>, filter: Filter): Condition {
  const parsed = schema.safeParse(filter);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const isUnknown = issue?.code === 'unrecognized_keys';
  throw new MethodError(
    isUnknown ? 'unsupportedFilter' : 'invalidArguments',
    `${['filter', ...(issue?.path ?? [])].join('/')}: ${issue?.message ?? ''}`.slice(0, 300),
  );
}
