/** The same seed gives the same mischief; a failing run prints its seed (STOPGAP_SEED repeats it). */
export type Random = () => number;

export function seedOf(): number {
  const { STOPGAP_SEED } = process.env;
  return STOPGAP_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(STOPGAP_SEED);
}

/** mulberry32: small, and good enough for choosing. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}
