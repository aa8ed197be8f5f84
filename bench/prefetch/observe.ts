import { markov, type Predictor } from '@kvasir/core';
import { timeSync } from '../shared/cpu.ts';
import { makeKeys } from '../shared/keys.ts';

const KEYS = 100_000;
const REQUESTS = 1_000_000;
/** Keys that are asked for one after another. */
const RUN = 8;

export interface Price {
  readonly keys: number;
  /** Nanoseconds of CPU. */
  readonly observe: number;
  readonly predict: number;
  /** Of the same requests, counted in a Map: the floor. */
  readonly map: number;
}

/** Runs of eight keys of 31 characters, as a page and its parts; where runs begin is skewed. */
export function priceObservations(keys: number = KEYS): Price {
  const names = makeKeys(keys);
  const order = makeOrder(keys);
  const predictor = markov();
  const observe = timeSync(order.length, () => observeAll(predictor, names, order), 1_500);
  const some = order.subarray(0, REQUESTS / 10);
  const predict = timeSync(some.length, () => predictAll(predictor, names, some), 500);
  const counts = new Map<string, number>();
  const map = timeSync(order.length, () => countAll(counts, names, order), 500);
  return { keys, observe, predict, map };
}

/** The same in every run (multiplicative congruential, Park and Miller 1988). */
function makeOrder(keys: number): Uint32Array {
  let state = 20260101;
  let at = 0;
  return Uint32Array.from({ length: REQUESTS }, (_, request) => {
    state = (state * 48271) % 2147483647;
    at = request % RUN === 0 ? Math.floor(keys * (state / 2147483647) ** 3) : (at + 1) % keys;
    return at;
  });
}

function observeAll(predictor: Predictor, names: readonly string[], order: Uint32Array): void {
  for (const at of order) predictor.observe(names[at] ?? '', 'stream');
}

function predictAll(predictor: Predictor, names: readonly string[], order: Uint32Array): void {
  for (const at of order) predictor.predict(names[at] ?? '', 'stream', 0.3, 9);
}

function countAll(counts: Map<string, number>, names: readonly string[], order: Uint32Array): void {
  for (const at of order) counts.set(names[at] ?? '', (counts.get(names[at] ?? '') ?? 0) + 1);
}
