/*
 * Keys that come together, in whatever order.
 *
 * Problem: a page asks for its parts at once and they arrive shuffled; a transaction touches the same rows by different paths. What comes right
 * after a key is then chance, and a chain learns little from it; that both come is certain.
 * Idea: each key that comes is credited to each of the few before it in its stream, and they to it: whichever comes first next time announces
 * the other. P(b | a) = how often they came together / how often a came.
 * Cost: an observation updates two states of 32 bytes for each key of the window; bounded by `maxBytes`, the longest unused forgotten first.
 * Does not: chain (what comes with what comes with a is more often noise), remember more than four companions of a key, or tell within how many
 * steps they come.
 * Papers: Kuenning and Popek 1997, Automated hoarding for mobile computers (semantic distance in a stream of references); Griffioen and Appleton
 * 1994, Reducing file system latency using a predictive approach (a look-ahead window over a probability graph).
 */
import { randomInt } from 'node:crypto';
import { hashKey } from '../hash.ts';
import { checkInteger, checkKnown, invalidOption } from '../options.ts';
import type { Size } from '../units.ts';
import { KeyTable } from './key-table.ts';
import { parseMaxBytes } from './memory-bound.ts';
import type { BoundedPredictor, Prediction } from './predictor.ts';
import { NO_ROW } from './rows.ts';
import { PLACES, States } from './states.ts';
import { Streams } from './streams.ts';

export interface AssociateOptions {
  /** Default '16MB', at least '64KB': some 120,000 keys. */
  readonly maxBytes?: Size;
  /** Keys before a key that it came together with, 1 to 64. Default 8. */
  readonly window?: number;
}

/** A key takes 16 bytes and its text, and one state of 32. */
const KEYS_PART = 0.7;
const STATES_PART = 0.24;
const STREAMS_PART = 0.06;
const LONGEST = 2_048;
const WIDEST = 64;
/** Once is chance. */
const LEAST_TOGETHER = 2;

/** Throws INVALID_OPTION. */
export function associate(options: AssociateOptions = {}): BoundedPredictor {
  checkKnown('associate()', options, ['maxBytes', 'window']);
  const { maxBytes = '16MB', window = 8 } = options;
  checkInteger('associate() window', window, 1);
  if (window > WIDEST) throw invalidOption('associate() window', `at most ${WIDEST}`, window);
  return new Associate(parseMaxBytes('associate() maxBytes', maxBytes), window);
}

class Associate implements BoundedPredictor {
  readonly #seed = randomInt(2 ** 32);
  readonly #window: number;
  readonly #keys: KeyTable;
  readonly #states: States;
  readonly #streams: Streams;

  constructor(maxBytes: number, window: number) {
    this.#window = window;
    this.#keys = new KeyTable(maxBytes * KEYS_PART);
    this.#states = new States(maxBytes * STATES_PART);
    this.#streams = new Streams(maxBytes * STREAMS_PART, window, this.#seed);
  }

  get bytes(): number {
    return this.#keys.bytes + this.#states.bytes + this.#streams.bytes;
  }

  observe(key: string, stream: string): void {
    if (key.length > LONGEST) return;
    const hash = this.#hash(key);
    const place = this.#streams.obtain(stream);
    if (this.#isInWindow(place, hash)) return;
    this.#keys.keep(hash, key);
    const states = this.#states;
    states.visit(states.obtain(hash));
    for (let back = 0; back < this.#window; back++) {
      const other = this.#streams.lastOf(place, back);
      if (other === 0) break;
      // Each is looked up anew: one may have pushed out the other.
      states.credit(states.obtain(hash), other);
      states.credit(states.obtain(other), hash);
    }
    this.#streams.push(place, hash);
  }

  predict(key: string, _stream: string, threshold: number): readonly Prediction[] {
    const hash = this.#hash(key);
    const row = this.#states.find(hash);
    if (row === NO_ROW) return [];
    const visits = Math.max(1, this.#states.visitsOf(row));
    const found: Prediction[] = [];
    for (let place = 0; place < PLACES; place++) {
      const count = this.#states.countAt(row, place);
      const probability = Math.min(1, count / visits);
      if (count < LEAST_TOGETHER || probability <= threshold) continue;
      const other = this.#keys.find(this.#states.hashAt(row, place));
      if (other !== undefined) found.push({ key: other, probability, step: 1, source: hash });
    }
    return found.sort((a, b) => b.probability - a.probability);
  }

  #hash(key: string): number {
    return hashKey(key, this.#seed) || 1;
  }

  /** A key that comes again before its company is gone is one visit. */
  #isInWindow(place: number, hash: number): boolean {
    for (let back = 0; back < this.#window; back++) if (this.#streams.lastOf(place, back) === hash) return true;
    return false;
  }
}
