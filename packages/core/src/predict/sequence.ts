/*
 * Keys that count: runs and strides.
 *
 * Problem: a Markov chain can only predict what it has seen. Who reads block:17 and block:18 will want block:19, even the first time.
 * Idea: a key is a stem and the number that it ends with. For each stem in each stream the last number and the last stride are remembered; a
 * stride that repeats is a run, and the run goes on. How far it can be believed is measured by its length: guesses after two, three, … equal
 * strides are classes of their own, and further steps multiply, each with the class it will have by then.
 * A number keeps its width: page007 is followed by page008. A repeated key is one visit.
 * Cost: O(1), the key is read once from its end; 32 bytes a run, bounded by `maxBytes`, the longest unused forgotten first.
 * Does not: follow two runs of one stem in one stream at a time, count letters, or predict numbers below 0.
 * Papers: Baer and Chen 1991, An effective on-chip preloading scheme, section 3 (the reference prediction table); Smith 1978, Sequentiality and
 * prefetching in database systems.
 */
import { randomInt } from 'node:crypto';
import { hashKey } from '../hash.ts';
import { checkKnown } from '../options.ts';
import type { Size } from '../units.ts';
import { tagOf } from './chain.ts';
import { Measured } from './measured.ts';
import { parseMaxBytes } from './memory-bound.ts';
import type { BoundedPredictor, Prediction } from './predictor.ts';
import { HEAD, NO_ROW, Rows } from './rows.ts';

export interface SequenceOptions {
  /** Default '1MB', at least '64KB': 32,000 runs. */
  readonly maxBytes?: Size;
}

/** Words of a row: its head, the equal strides so far, one to fill, and two numbers of 64 bits. */
const WIDTH: number = HEAD + 6;
const LENGTH: number = HEAD;
/** Counted in numbers of 64 bits. */
const NUMBER = 2;
const STRIDE = 3;
/** Longer runs are as likely to go on as this. */
const LONGEST_RUN = 8;
/** One stride is no run: two numbers always have one. */
const SHORTEST_RUN = 2;
const MEMORY = 128;
const PRIOR_WEIGHT = 4;
/** However often runs went on: a chain of guesses must end. */
const MOST = 0.999;
/** Numbers of up to 15 digits are exact. */
const MOST_DIGITS = 15;
const ZERO = 48;
const NINE = 57;

/** Throws INVALID_OPTION. */
export function sequence(options: SequenceOptions = {}): BoundedPredictor {
  checkKnown('sequence()', options, ['maxBytes']);
  return new Sequence(parseMaxBytes('sequence() maxBytes', options.maxBytes ?? '1MB'));
}

class Sequence implements BoundedPredictor {
  readonly #seed = randomInt(2 ** 32);
  readonly #rows: Rows;
  readonly #numbers: Float64Array;
  readonly #runs = new Measured(LONGEST_RUN + 1, MEMORY, PRIOR_WEIGHT, (length) => length / (length + 1));

  constructor(maxBytes: number) {
    this.#rows = new Rows(maxBytes, WIDTH);
    this.#numbers = new Float64Array(this.#rows.words.buffer);
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  observe(key: string, stream: string): void {
    const digits = countDigits(key);
    if (digits === 0) return;
    const row = this.#rows.obtain(this.#tagOf(key, digits, stream));
    const { words, isNew } = this.#rows;
    const at = (row * WIDTH) / 2;
    const number = numberOf(key, digits);
    const stride = isNew ? 0 : number - (this.#numbers[at + NUMBER] as number);
    if (!isNew && stride === 0) return;
    const length = words[2 * at + LENGTH] as number;
    const goesOn = length > 0 && stride === this.#numbers[at + STRIDE];
    if (length >= SHORTEST_RUN) this.#runs.add(length, goesOn);
    if (isNew) words[2 * at + LENGTH] = 0;
    else words[2 * at + LENGTH] = goesOn ? Math.min(length + 1, LONGEST_RUN) : 1;
    this.#numbers[at + NUMBER] = number;
    this.#numbers[at + STRIDE] = stride;
  }

  predict(key: string, stream: string, threshold: number, depth = 1): readonly Prediction[] {
    const digits = countDigits(key);
    if (digits === 0) return [];
    const source = this.#tagOf(key, digits, stream);
    const row = this.#rows.find(source);
    if (row === NO_ROW) return [];
    const at = (row * WIDTH) / 2;
    const length = this.#rows.words[2 * at + LENGTH] as number;
    const number = numberOf(key, digits);
    if (length < SHORTEST_RUN || number !== this.#numbers[at + NUMBER]) return [];
    const stride = this.#numbers[at + STRIDE] as number;
    const found: Prediction[] = [];
    let probability = 1;
    for (let step = 1; step <= depth; step++) {
      probability *= Math.min(MOST, this.#runs.share(Math.min(length + step - 1, LONGEST_RUN)));
      const next = number + step * stride;
      if (probability <= threshold || next < 0 || next >= 10 ** MOST_DIGITS) break;
      found.push({ key: rename(key, digits, next), probability, step, source });
    }
    return found;
  }

  #tagOf(key: string, digits: number, stream: string): number {
    return tagOf(hashKey(stream, this.#seed), hashKey(key.slice(0, key.length - digits), this.#seed));
  }
}

function countDigits(key: string): number {
  let digits = 0;
  while (digits < MOST_DIGITS && digits < key.length && isDigit(key.charCodeAt(key.length - 1 - digits))) digits++;
  return digits;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

function numberOf(key: string, digits: number): number {
  let number = 0;
  for (let at = key.length - digits; at < key.length; at++) number = number * 10 + key.charCodeAt(at) - ZERO;
  return number;
}

/** `007` is filled up with zeros, `7` is not. */
function rename(key: string, digits: number, number: number): string {
  const stem = key.slice(0, key.length - digits);
  const isPadded = digits > 1 && key.charCodeAt(key.length - digits) === ZERO;
  return stem + (isPadded ? String(number).padStart(digits, '0') : String(number));
}
