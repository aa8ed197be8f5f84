/** Uniform numbers from 0 to 1 (mulberry32): the same seed, the same numbers, on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `requests` independent draws among `keys` keys, key i with a probability proportional to 1 / i^`exponent`. */
export function* zipf(requests: number, keys: number, exponent: number, seed: number): Generator<string> {
  const random = randomFrom(seed);
  const sums: number[] = [];
  let sum = 0;
  for (let i = 1; i <= keys; i++) sums.push((sum += i ** -exponent));
  for (let request = 0; request < requests; request++) {
    const drawn = random() * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    yield `k${low}`;
  }
}

/** `trace` with a scan over `length` keys, never seen before or again, after each `every` requests. */
export function* withScans(trace: Iterable<string>, every: number, length: number): Generator<string> {
  let seen = 0;
  for (const key of trace) {
    yield key;
    if (++seen % every !== 0) continue;
    for (let i = 0; i < length; i++) yield `scan ${seen} ${i}`;
  }
}

/** `keys` keys in the same order, again and again. */
export function* loop(requests: number, keys: number): Generator<string> {
  for (let request = 0; request < requests; request++) yield `k${request % keys}`;
}

/** `requests` draws as in `zipf`; after each `every` of them a tenth of the keys moves from the head of the ranking to its tail. */
export function* driftingZipf(
  requests: number,
  keys: number,
  exponent: number,
  every: number,
  seed: number,
): Generator<string> {
  let seen = 0;
  let shift = 0;
  for (const key of zipf(requests, keys, exponent, seed)) {
    yield `k${(Number(key.slice(1)) + shift) % keys}`;
    if (++seen % every === 0) shift += Math.floor(keys / 10);
  }
}

/** All of `keys` keys once an epoch, in a new order each time, as a training run reads its samples. */
export function* epochs(count: number, keys: number, seed: number): Generator<string> {
  const random = randomFrom(seed);
  const order = Array.from({ length: keys }, (_, index) => index);
  for (let epoch = 0; epoch < count; epoch++) {
    for (let i = keys - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    for (const key of order) yield `k${key}`;
  }
}
