/** Repeatable randomness: the same seed gives the same choices for ever. */
export type Random = {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** Of a table of shares that need not sum to 1, a key as often as its share says. */
  among<K extends string>(shares: Readonly<Record<K, number>>): K;
  digits(length: number): string;
};

/** Mulberry32, a generator of 32 bits: plenty for test data. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
    among(shares) {
      const keys = Object.keys(shares) as (keyof typeof shares)[];
      let left = next() * keys.reduce((sum, key) => sum + shares[key], 0);
      const found = keys.find((key) => (left -= shares[key]) < 0) ?? keys[0];
      if (found === undefined) throw new Error('There is nothing to choose among.');
      return found;
    },
    digits: (length) => Array.from({ length }, () => below(10)).join(''),
  };
}
