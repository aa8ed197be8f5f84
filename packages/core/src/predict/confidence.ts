/*
 * How far a count can be believed.
 *
 * Problem: "b followed a once, out of once" is a probability of 1 by counting. In a trace of blocks read in order it is nearly so; among keys drawn
 * at random it is worth nothing, and most of what a predictor knows at any time it has seen once or twice.
 * Idea: guesses are sorted into classes by the order of the state, by how often it was visited, and by the share of visits after which the key
 * came. Each class measures how often its guesses come true, lately; that is the probability which is given. What a workload has shown of one
 * state is so believed of the next that looks like it, and a workload without order shows it within some dozens of requests.
 * Cost: two table look-ups a place and observation; 112 classes.
 * Papers: Mahoney 2005, Adaptive weighing of context models for lossless data compression, section 3 (secondary estimation); Bloom 1998, PPMZ.
 */
import { Measured } from './measured.ts';
import { MOST_VISITS } from './states.ts';

const SHARES = 8;
/** Least visits of each level. A state that was seen five times says little more than one that was seen four. */
const LEVELS = [1, 2, 3, 4, 6, 10, 24];
const LEVEL_OF = Uint8Array.from({ length: MOST_VISITS + 1 }, (_, visits) =>
  Math.max(0, LEVELS.filter((least) => least <= visits).length - 1),
);
/** Eight times as long changes hits on database keys by less than 0.05 points. */
const MEMORY = 512;
/** Some guesses of a class may fail before it falls silent, as many may come true before it is loud. */
const PRIOR_WEIGHT = 8;
/** What was seen once is half believed, what was seen twice nearly, until it is measured. */
const PRIOR_BELIEF = [0.5, 0.8];
/** However often a class came true: a chain of hundreds of steps must end. */
const MOST = 0.999;

export class Confidence {
  readonly #measured = new Measured(2 * LEVELS.length * SHARES, MEMORY, PRIOR_WEIGHT, (index) => {
    const share = ((index % SHARES) + 0.5) / SHARES;
    return share * (PRIOR_BELIEF[Math.floor(index / SHARES) % LEVELS.length] ?? 1);
  });

  /** `order` 1 or 2; `count` of `visits`, both at least 1. */
  of(order: number, visits: number, count: number): number {
    return Math.min(MOST, this.#measured.share(classOf(order, visits, count)));
  }

  learn(order: number, visits: number, count: number, cameTrue: boolean): void {
    this.#measured.add(classOf(order, visits, count), cameTrue);
  }
}

function classOf(order: number, visits: number, count: number): number {
  const level = (order - 1) * LEVELS.length + (LEVEL_OF[visits] as number);
  return level * SHARES + Math.min(SHARES - 1, Math.floor((SHARES * count) / visits));
}
