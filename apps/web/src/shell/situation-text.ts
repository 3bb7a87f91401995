import type { PathState } from '../api/outbox.ts';
import type { Words } from '../words/en.ts';

export interface Notice {
  readonly key: string;
  readonly what: string;
  /** What still works, or what happens meanwhile. */
  readonly so: string;
}

/**
 * What a person has to know of the provider's paths; nothing while the best of each direction works.
 * @param paths in the order in which they are used
 * @param moment how a time is said
 */
export function noticesOf(paths: readonly PathState[], { situation: words }: Words, moment: (iso: string) => string): Notice[] {
  const known = paths.filter(({ kind }) => kind !== 'smarthost');
  if (known.length > 0 && known.every(isDown)) {
    return [{ key: 'all', what: words.allDown(moment(lastToGo(known))), so: words.allDownText }];
  }
  const notices: Notice[] = [];
  const out = directionNotice(paths, 'outgoing');
  if (out !== undefined) {
    const so = out.instead === undefined ? words.outWaits : words.outBy(routeName(out.instead.kind, words));
    notices.push({ key: 'outgoing', what: words.outDown(moment(out.since)), so });
  }
  const incoming = directionNotice(paths, 'incoming');
  if (incoming !== undefined) {
    const so = incoming.instead === undefined ? words.inWaits : words.inBy(routeName(incoming.instead.kind, words));
    notices.push({ key: 'incoming', what: words.inDown(moment(incoming.since)), so });
  }
  return notices;
}

/** In a list. */
export function pathName(kind: string, { path }: Words['situation']): string {
  return Object.hasOwn(path, kind) ? (path[kind] ?? kind) : kind.toUpperCase();
}

/** Within a sentence: "through its webmail". */
export function routeName(kind: string, words: Words['situation']): string {
  return Object.hasOwn(words.route, kind) ? (words.route[kind] ?? kind) : kind;
}

/** The best path is down: since when, and which one stands in. */
function directionNotice(
  paths: readonly PathState[],
  direction: PathState['direction'],
): { readonly since: string; readonly instead: PathState | undefined } | undefined {
  const [best, ...others] = paths.filter((path) => path.direction === direction);
  if (best === undefined || !isDown(best)) return undefined;
  return { since: best.since ?? '', instead: others.find((path) => !isDown(path) && path.state !== 'unknown') };
}

function isDown({ state }: PathState): boolean {
  return state === 'down';
}

function lastToGo(paths: readonly PathState[]): string {
  // Since the last of them went: before that, something still answered.
  return (
    paths
      .map(({ since }) => since ?? '')
      .toSorted()
      .at(-1) ?? ''
  );
}
