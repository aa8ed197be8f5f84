/*
 * Which guesses are worth a load.
 *
 * Problem: a key that usually follows is usually there already, so a probability says little about the guesses that would cost something: those
 * whose key is not there. And what a wasted load costs does not depend on how little there is to be gained.
 * Idea: every guess whose key is not there is a trial, whether it is fetched or not, and is settled when its key is asked for or time is up. Trials
 * measure the precision of guesses of about this probability by this predictor; and the precision of those made from this very state, which
 * begins at that of its like and soon speaks for itself. A guess passes when the measured precision reaches the threshold: a state that wastes
 * goes silent, and is heard again when its trials, which cost nothing, come true. While so few requests are served by prefetching that nobody
 * would notice, a guess must be nearly certain.
 * Cost: O(1) a trial; a table of 16,384 states, 128 KB, where a newcomer takes the place of the one it falls upon.
 * Papers: Srinath, Mutlu, Kim and Patt 2007, Feedback directed prefetching (accuracy and lateness steer how much is fetched); Patterson et al.
 * 1995, Informed prefetching and caching (cost against benefit).
 */
import { Measured } from './predict/measured.ts';

const BINS = 20;
const BIN_MEMORY = 64;
const BIN_WEIGHT = 4;
/** Trials that the bin stands for in a state's own count. 2, 4 and 8 are within 0.3 points of each other on database keys. */
const STATE_WEIGHT = 4;
const MOST_TRIALS = 16;
const STATES = 2 ** 14;
/** Requests over which the gain is measured: in the beginning, so that a short workload is heard, and later, so that a short phase is not all. */
const FIRST_MEMORY = 1_024;
const GAIN_MEMORY = 32_768;
/** Below one request in so many that finds its key there thanks to a prefetch, only what is nearly certain is fetched. */
const LEAST_GAIN = 0.02;
const NEARLY_CERTAIN = 0.9;

/** What a guess was judged by. */
export interface Judged {
  /** Index of the predictor. */
  readonly predictor: number;
  readonly probability: number;
  readonly source: number;
}

export class Gate {
  readonly #threshold: number;
  readonly #bins: Measured;
  readonly #sources = new Uint32Array(STATES);
  readonly #right = new Uint8Array(STATES);
  readonly #wrong = new Uint8Array(STATES);
  #gain = 0;
  #memory = FIRST_MEMORY;

  constructor(threshold: number, predictors: number) {
    this.#threshold = threshold;
    this.#bins = new Measured(predictors * BINS, BIN_MEMORY, BIN_WEIGHT, (index) => ((index % BINS) + 0.5) / BINS);
  }

  /** Measured: how often guesses like this one come true, when their key is not there. */
  precisionOf(guess: Judged): number {
    const ofBin = this.#bins.share(binOf(guess));
    const at = guess.source % STATES;
    if (this.#sources[at] !== guess.source) return ofBin;
    const right = this.#right[at] as number;
    return (right + STATE_WEIGHT * ofBin) / (right + (this.#wrong[at] as number) + STATE_WEIGHT);
  }

  /** Whether the guess is good enough where there is something to gain. */
  isGood(guess: Judged): boolean {
    return guess.probability > this.#threshold && this.precisionOf(guess) > this.#threshold;
  }

  /** Whether to fetch it. */
  passes(guess: Judged): boolean {
    if (!this.isGood(guess)) return false;
    return this.#gain >= LEAST_GAIN || this.precisionOf(guess) > NEARLY_CERTAIN;
  }

  settle(guess: Judged, cameTrue: boolean): void {
    this.#bins.add(binOf(guess), cameTrue);
    const at = guess.source % STATES;
    if (this.#sources[at] !== guess.source) {
      this.#sources[at] = guess.source;
      this.#right[at] = 0;
      this.#wrong[at] = 0;
    }
    const column = cameTrue ? this.#right : this.#wrong;
    column[at] = (column[at] as number) + 1;
    if ((this.#right[at] as number) + (this.#wrong[at] as number) <= MOST_TRIALS) return;
    this.#right[at] = (this.#right[at] as number) >> 1;
    this.#wrong[at] = (this.#wrong[at] as number) >> 1;
  }

  /** A request came; `gained` when a good guess was made so early that its key was there, or would have been. */
  count(gained: boolean): void {
    this.#gain += ((gained ? 1 : 0) - this.#gain) / this.#memory;
    if (this.#memory < GAIN_MEMORY) this.#memory++;
  }
}

function binOf({ predictor, probability }: Judged): number {
  return predictor * BINS + Math.min(BINS - 1, Math.floor(probability * BINS));
}
