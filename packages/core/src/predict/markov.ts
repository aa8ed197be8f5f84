/*
 * What follows what: a Markov chain of order 1 and 2 with back-off.
 *
 * Problem: guess the next keys early enough to fetch them, from nothing but the order in which keys were asked for.
 * Idea: count, for each key, which keys followed it in the same stream (order 1), and for each pair of keys what followed the pair (order 2).
 * Two keys of context tell apart what one mixes; where the pair is unknown the single key answers. Counts are halved now and then, so that the
 * chain follows what people do now, and become probabilities by measurement (confidence.ts): a state whose guesses fail is not believed, nor
 * are those like it.
 * Further steps multiply, and ways that meet again are added up. A key that repeats itself is one visit: it needs no fetching.
 * Keys are 32-bit hashes in here; a table gives back their text. Two keys of one hash are one key: a wrong guess now and then, never a wrong value.
 * Cost: an observation hashes the key and touches five rows, without allocation: bench/prefetch. A prediction looks up at most eight states a
 * step. Memory: `maxBytes`, half of it for the text of keys, most of the rest for states of 32 bytes; what was unused longest is forgotten.
 * Does not: see time, predict keys it has never seen, or learn from keys of more than 2,048 characters.
 * Papers: Bestavros 1995 and Padmanabhan and Mogul 1996 (Markov prefetching on the web); Joseph and Grunwald 1997 (Markov prefetchers in
 * bounded tables); Vitter and Krishnan 1996; Cleary and Witten 1984 (back-off); Misra and Gries 1982 (bounded counting).
 */
import { randomInt } from 'node:crypto';
import { hashKey } from '../hash.ts';
import { checkKnown } from '../options.ts';
import type { Size } from '../units.ts';
import { Chain, tagOf } from './chain.ts';
import { Confidence } from './confidence.ts';
import { KeyTable } from './key-table.ts';
import { DEFAULT_MAX_BYTES, parseMaxBytes } from './memory-bound.ts';
import type { BoundedPredictor, Prediction } from './predictor.ts';
import { NO_ROW } from './rows.ts';
import { PLACES, States } from './states.ts';
import { Streams } from './streams.ts';

export interface MarkovOptions {
  /** Default '64MB', at least '64KB': some 500,000 short keys and 900,000 states. Allotted at once; the system gives memory for what is written to. */
  readonly maxBytes?: Size;
}

/** A state is 32 bytes, a key 16 and its text: database keys come with two to four states a key, and are longer than those of a trace. */
const KEYS_PART = 0.5;
const STATES_PART = 0.44;
const STREAMS_PART = 0.06;
const LONGEST = 2_048;

/** Throws INVALID_OPTION. */
export function markov(options: MarkovOptions = {}): BoundedPredictor {
  checkKnown('markov()', options, ['maxBytes']);
  return new Markov(parseMaxBytes('markov() maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES));
}

class Markov implements BoundedPredictor {
  readonly #seed = randomInt(2 ** 32);
  readonly #confidence = new Confidence();
  readonly #keys: KeyTable;
  readonly #states: States;
  readonly #streams: Streams;
  readonly #chain: Chain;

  constructor(maxBytes: number) {
    this.#keys = new KeyTable(maxBytes * KEYS_PART);
    this.#states = new States(maxBytes * STATES_PART);
    this.#streams = new Streams(maxBytes * STREAMS_PART, 2, this.#seed);
    this.#chain = new Chain(this.#states, this.#confidence);
  }

  get bytes(): number {
    return this.#keys.bytes + this.#states.bytes + this.#streams.bytes;
  }

  observe(key: string, stream: string): void {
    if (key.length > LONGEST) return;
    const hash = this.#hash(key);
    const streams = this.#streams;
    const place = streams.obtain(stream);
    const last = streams.lastOf(place, 0);
    if (hash === last) return;
    this.#keys.keep(hash, key);
    if (last !== 0) this.#learn(streams.lastOf(place, 1), last, hash);
    streams.push(place, hash);
  }

  predict(key: string, stream: string, threshold: number, depth = 1): readonly Prediction[] {
    const hash = this.#hash(key);
    const before = this.#contextOf(hash, stream);
    const chain = this.#chain;
    chain.follow(before, hash, threshold, depth);
    const source = tagOf(before, hash);
    const found: Prediction[] = [];
    for (let at = 0; at < chain.size; at++) {
      const probability = chain.probabilities[at] as number;
      if (probability <= threshold) continue;
      const next = this.#keys.find(chain.hashes[at] as number);
      if (next !== undefined) found.push({ key: next, probability, step: chain.steps[at] as number, source });
    }
    return found;
  }

  #hash(key: string): number {
    return hashKey(key, this.#seed) || 1;
  }

  #contextOf(hash: number, stream: string): number {
    const place = this.#streams.find(stream);
    if (place === NO_ROW) return 0;
    const last = this.#streams.lastOf(place, 0);
    return last === hash ? this.#streams.lastOf(place, 1) : last;
  }

  #learn(before: number, last: number, hash: number): void {
    const states = this.#states;
    const tag = before === 0 ? 0 : tagOf(before, last);
    const pair = tag === 0 ? NO_ROW : states.find(tag);
    const single = states.obtain(tagOf(0, last));
    if (pair !== NO_ROW) this.#measure(2, pair, hash);
    else if (states.visitsOf(single) > 0) this.#measure(1, single, hash);
    states.credit(single, hash);
    states.visit(single);
    if (tag === 0) return;
    const row = states.obtainFound(tag, pair);
    states.credit(row, hash);
    states.visit(row);
  }

  #measure(order: number, row: number, hash: number): void {
    const states = this.#states;
    const visits = states.visitsOf(row);
    for (let place = 0; place < PLACES; place++) {
      const count = states.countAt(row, place);
      if (count > 0) this.#confidence.learn(order, visits, count, states.hashAt(row, place) === hash);
    }
  }
}
