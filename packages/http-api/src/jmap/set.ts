import { isDeepStrictEqual } from 'node:util';
import type { SetArguments } from '@stopgap/jmap';
import { LIMITS } from './limits.ts';
import { MethodError, setErrorOf, SetProblem, setProblemOf } from './method-error.ts';
import type { CallContext, Json } from './method.ts';

/** What became of each object of a set (RFC 8620 5.3). */
export class SetOutcome {
  readonly #created = new Map<string, Json>();
  readonly #updated = new Map<string, Json | null>();
  readonly #destroyed: string[] = [];
  readonly #not = { created: new Map<string, Json>(), updated: new Map<string, Json>(), destroyed: new Map<string, Json>() };
  readonly #ofRequest: Map<string, string>;
  /** Those of the request, and of this set. */
  readonly createdIds: Map<string, string>;

  /** @param createdIds of the request: a creation id is known to everything that comes later, once it is told what was made */
  constructor(createdIds: Map<string, string>) {
    this.#ofRequest = createdIds;
    this.createdIds = new Map(createdIds);
  }

  /** Runs `make` for one object; what it refuses is told of that object, what fails here ends the method. */
  create(creationId: string, make: () => Json & { readonly id: string }): void {
    this.#try('created', creationId, () => {
      const object = make();
      this.#created.set(creationId, object);
      this.createdIds.set(creationId, object.id);
    });
  }

  /** `change` returns what else is different now, or null. */
  update(id: string, change: (id: string) => Json | null): void {
    this.#try('updated', id, () => this.#updated.set(id, change(this.idOf(id))));
  }

  /** What became different of an object by what was asked of another one. */
  updateBeside(id: string, others: Json): void {
    this.#updated.set(id, { ...this.#updated.get(id), ...others });
  }

  destroy(id: string, remove: (id: string) => void): void {
    this.#try('destroyed', id, () => {
      remove(this.idOf(id));
      this.#destroyed.push(id);
    });
  }

  refuse(what: 'created' | 'updated' | 'destroyed', id: string, problem: SetProblem): void {
    this.#not[what].set(id, setErrorOf(problem));
  }

  /** RFC 8620 5.3: `#` and a creation id stands for the id. */
  idOf(id: string): string {
    return id.startsWith('#') ? (this.createdIds.get(id.slice(1)) ?? id) : id;
  }

  /** After the commit: what came to nothing is no object, and the next one may get its id. */
  json(states: { readonly oldState: string | null; readonly newState: string }): Json {
    for (const [creationId, id] of this.createdIds) this.#ofRequest.set(creationId, id);
    return {
      ...states,
      created: record(this.#created),
      updated: record(this.#updated),
      destroyed: this.#destroyed.length === 0 ? null : this.#destroyed,
      notCreated: record(this.#not.created),
      notUpdated: record(this.#not.updated),
      notDestroyed: record(this.#not.destroyed),
    };
  }

  #try(what: 'created' | 'updated' | 'destroyed', id: string, job: () => void): void {
    try {
      job();
    } catch (error) {
      this.refuse(what, id, setProblemOf(error));
    }
  }
}

export interface SetParts {
  readonly create: readonly (readonly [string, Json])[];
  readonly update: readonly (readonly [string, Json])[];
  readonly destroy: readonly string[];
}

/** @throws MethodError requestTooLarge */
export function setParts(args: Pick<SetArguments, 'create' | 'update' | 'destroy'>): SetParts {
  const parts = {
    create: Object.entries(args.create ?? {}),
    update: Object.entries(args.update ?? {}),
    destroy: [...new Set(args.destroy ?? [])],
  };
  if (parts.create.length + parts.update.length + parts.destroy.length > LIMITS.maxObjectsInSet) throw new MethodError('requestTooLarge');
  return parts;
}

/** `#` and a creation id of an earlier call, or of this one; else the id itself. */
export function resolvedId(id: string, { createdIds }: Pick<CallContext, 'createdIds'>): string {
  return id.startsWith('#') ? (createdIds.get(id.slice(1)) ?? id) : id;
}

/** RFC 8620 5.3: a patch whose paths go one step into maps of names; `~1` and `~0` as in RFC 6901. @throws SetProblem invalidPatch */
export function mapPatch(patch: Json, property: string): { readonly whole?: unknown; readonly steps: ReadonlyMap<string, unknown> } {
  const steps = new Map<string, unknown>();
  const isWhole = Object.hasOwn(patch, property);
  for (const [path, value] of Object.entries(patch)) {
    if (!path.startsWith(`${property}/`)) continue;
    const step = path.slice(property.length + 1);
    if (isWhole || step === '' || step.includes('/')) throw new SetProblem('invalidPatch', `${path.slice(0, 100)} can not be patched.`);
    steps.set(step.replaceAll('~1', '/').replaceAll('~0', '~'), value);
  }
  return isWhole ? { whole: patch[property], steps } : { steps };
}

/** One patch that does what two do, the second after the first: where the first says a map as a whole, a path of the second leads into that. */
export function bothPatches(first: Json, second: Json): Json {
  const isReplaced = (path: string): boolean => path.includes('/') && Object.hasOwn(second, patchedProperty(path));
  const both: Record<string, unknown> = Object.fromEntries(Object.entries(first).filter(([path]) => !isReplaced(path)));
  for (const [path, value] of Object.entries(second)) {
    const property = patchedProperty(path);
    const { [property]: whole } = both;
    const step = path.slice(property.length + 1);
    const leadsInto = step !== '' && !step.includes('/') && Object.hasOwn(first, property) && !Object.hasOwn(second, property);
    if (!leadsInto || typeof whole !== 'object') both[path] = value;
    else both[property] = withStep(whole ?? {}, step.replaceAll('~1', '/').replaceAll('~0', '~'), value);
  }
  return both;
}

function withStep(map: object, name: string, value: unknown): Json {
  const others = Object.entries(map).filter(([one]) => one !== name);
  return Object.fromEntries(value === null ? others : [...others, [name, value]]);
}

/**
 * RFC 8620 5.3: what can not be changed may stand in a patch as it is; clients send whole objects. Returns the patch without it.
 * @param current of each property that can not be set; undefined: there is no such property
 */
export function withoutUnchanged(patch: Json, current: Readonly<Record<string, (() => unknown) | undefined>>): Json {
  const isUnchanged = (name: string, value: unknown): boolean =>
    Object.hasOwn(current, name) && isDeepStrictEqual(current[name]?.(), value);
  return Object.fromEntries(Object.entries(patch).filter(([name, value]) => !isUnchanged(name, value)));
}

/** RFC 8620 5.3: what leads into a property that holds no map leads nowhere, and never into a list. @throws SetProblem invalidPatch */
export function withoutPaths(patch: Json): Json {
  const path = Object.keys(patch).find((one) => one.includes('/'));
  if (path !== undefined) throw new SetProblem('invalidPatch', `${path.slice(0, 100)} can not be patched.`);
  return patch;
}

/** The name of a property in a patch. */
export function patchedProperty(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

export function notFoundProblem(): SetProblem {
  return new SetProblem('notFound');
}

export function invalidProperties(properties: readonly string[], description?: string): SetProblem {
  return new SetProblem('invalidProperties', description, { properties });
}

function record<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> | null {
  return map.size === 0 ? null : Object.fromEntries(map);
}
