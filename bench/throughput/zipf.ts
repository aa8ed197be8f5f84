/** A stream of numbers from 0 to `count` - 1 in which the k-th most frequent has a share like 1 / k^`exponent` (Gray et al. 1994, section 3.2). */
export function makeZipf(count: number, exponent: number, seed: number): () => number {
  let zeta = 0;
  for (let rank = 1; rank <= count; rank += 1) zeta += rank ** -exponent;
  const alpha = 1 / (1 - exponent);
  const second = 0.5 ** exponent;
  const eta = (1 - (2 / count) ** (1 - exponent)) / (1 - (1 + second) / zeta);
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    const uniform = state / 2147483647;
    if (uniform * zeta < 1) return 0;
    if (uniform * zeta < 1 + second) return 1;
    return Math.min(count - 1, Math.floor(count * (eta * uniform - eta + 1) ** alpha));
  };
}
