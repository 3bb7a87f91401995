import type { FakeJmapAccount } from './account.ts';
import type { FakeJmapSwitches, OnJmapSend } from './switches.ts';

export type Args = Readonly<Record<string, unknown>>;

export interface MethodContext {
  readonly account: FakeJmapAccount;
  readonly switches: FakeJmapSwitches;
  readonly onSend: OnJmapSend;
  readonly maxObjectsInGet: number;
}

/** Name and arguments of one answer; the first is the method's own. */
export type Answered = readonly (readonly [string, Record<string, unknown>])[];
export type Method = (args: Args, context: MethodContext) => Answered | Promise<Answered>;

export function failed(type: string): Answered {
  return [['error', { type }]];
}

export function recordOf(value: unknown): Record<string, Record<string, unknown>> {
  return (value ?? {}) as Record<string, Record<string, unknown>>;
}

export function listOf(value: unknown): string[] {
  return (value ?? []) as string[];
}

/** The last step of a path in a patch, unescaped (RFC 6901 4), when the path begins so. */
export function stepAfter(prefix: string, path: string): string | undefined {
  return path.startsWith(prefix) ? path.slice(prefix.length).replaceAll('~1', '/').replaceAll('~0', '~') : undefined;
}

export function picked(object: Readonly<Record<string, unknown>>, properties: unknown): Record<string, unknown> {
  if (!Array.isArray(properties)) return { ...object };
  const wanted = new Set<unknown>(['id', ...(properties as unknown[])]);
  return Object.fromEntries(Object.entries(object).filter(([name]) => wanted.has(name)));
}

export function byId<T extends { readonly id: string }>(known: ReadonlyMap<string, T>, ids: unknown): { list: T[]; notFound: string[] } {
  if (!Array.isArray(ids)) return { list: [...known.values()], notFound: [] };
  const asked = [...new Set(ids as string[])];
  return { list: asked.flatMap((id) => known.get(id) ?? []), notFound: asked.filter((id) => !known.has(id)) };
}
