/** `count` keys of 31 characters, as a middleware's keys are long. */
export function makeKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/articles/${String(i).padStart(9, '0')}?lang=en-GB`);
}

/** The same characters in new strings: V8 has no hash of them yet, as with keys that are built for one request. */
export function renew(keys: readonly string[]): string[] {
  return keys.map((key) => Buffer.from(key, 'latin1').toString('latin1'));
}

/** The indices 0 … count - 1 in an order that is the same in every run (multiplicative congruential, Park and Miller 1988). */
export function shuffle(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 20260101;
  for (let i = count - 1; i > 0; i -= 1) {
    state = (state * 48271) % 2147483647;
    const j = state % (i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
