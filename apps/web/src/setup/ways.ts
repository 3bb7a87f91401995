/*
 * The ways to a provider while they are chosen: each with what came of asking it.
 */
import type { Direction, ProbeAnswer, Proposal, SetupPath, Source } from '../api/setup.ts';

export interface Way {
  /** Among all ways of both directions. */
  readonly id: string;
  readonly direction: Direction;
  readonly path: SetupPath;
  readonly source: Source | 'person';
  readonly isUsed: boolean;
  /** Undefined: it is being asked. */
  readonly answer?: ProbeAnswer;
}

export const DIRECTIONS: readonly Direction[] = ['incoming', 'outgoing'];

export function placeOf(path: SetupPath): string {
  return 'url' in path ? path.url : `${path.host}:${path.port}`;
}

export function wayOf(direction: Direction, path: SetupPath, source: Way['source']): Way {
  return { id: `${direction} ${path.kind} ${placeOf(path)}`, direction, path, source, isUsed: source !== 'guess' };
}

export function waysOf(proposal: Proposal): readonly Way[] {
  return DIRECTIONS.flatMap((direction) => proposal[direction].map(({ source, ...path }) => wayOf(direction, path, source)));
}

/** A guess is used when it is right; what is known is used in any case, as it may be down just now. */
export function withAnswer(ways: readonly Way[], id: string, answer: ProbeAnswer): readonly Way[] {
  return ways.map((way) => {
    if (way.id !== id) return way;
    return { ...way, answer, isUsed: way.source === 'guess' ? answer.answered || (way.isUsed && way.answer !== undefined) : way.isUsed };
  });
}

export function askedAgain(ways: readonly Way[]): readonly Way[] {
  return ways.map((way) => {
    const { answer, ...rest } = way;
    return answer === undefined ? way : rest;
  });
}

/** Who adds one knows more than a guess. */
export function withAdded(ways: readonly Way[], added: Way): readonly Way[] {
  const others = ways.filter(({ id }) => id !== added.id);
  const isGuess = ({ direction, source }: Way): boolean => direction === added.direction && source === 'guess';
  return [...others.filter((way) => !isGuess(way)), added, ...others.filter(isGuess)];
}

/** In their order: the best first. */
export function usedPaths(ways: readonly Way[], direction: Direction): readonly SetupPath[] {
  return ways.filter((way) => way.direction === direction && way.isUsed).map(({ path }) => path);
}
