/** Numbers that look like chance and are the same in each demo (mulberry32). */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** One of them. */
  pick<T>(from: readonly [T, ...T[]]): T;
  whole(from: number, to: number): number;
}

export function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
  };
}
