import type { Confidence } from './confidence.ts';
import { NO_ROW } from './rows.ts';
import { PLACES, type States } from './states.ts';

/** Branches followed at each step, the likeliest. With sixteen, hits on database keys rise by 0.1 points. */
const BRANCHES = 8;
/** A branch less likely than this is left: it adds up to a guess only together with many of its kind. */
const LEAST_FOLLOWED = 0.1;
const MOST_FOUND = 256;

/** The 32-bit tag of the state of having seen `before` (0: whatever came) and then `last`. */
export function tagOf(before: number, last: number): number {
  let tag = Math.imul(before ^ 0x9e3779b1, 0x85ebca6b);
  tag = Math.imul((tag ^ (tag >>> 15)) + last, 0xc2b2ae35);
  tag = Math.imul(tag ^ (tag >>> 13), 0x27d4eb2f);
  return (tag ^ (tag >>> 16)) >>> 0 || 1;
}

/** Keys with a probability each, in columns that are used again and again. */
class Front {
  readonly before: Uint32Array;
  readonly last: Uint32Array;
  readonly probability: Float64Array;
  size = 0;

  constructor(room: number) {
    this.before = new Uint32Array(room);
    this.last = new Uint32Array(room);
    this.probability = new Float64Array(room);
  }

  /** Ways that lead to the same state are one. */
  add(before: number, last: number, probability: number): void {
    for (let at = 0; at < this.size; at++) {
      if (this.last[at] !== last || this.before[at] !== before) continue;
      this.probability[at] = (this.probability[at] as number) + probability;
      return;
    }
    const at = this.size++;
    this.before[at] = before;
    this.last[at] = last;
    this.probability[at] = probability;
  }

  /** Moves the likeliest to the beginning, in order, and drops the others. */
  keepLikeliest(most: number): void {
    const kept = Math.min(most, this.size);
    for (let to = 0; to < kept; to++) {
      let best = to;
      for (let at = to + 1; at < this.size; at++)
        if ((this.probability[at] as number) > (this.probability[best] as number)) best = at;
      swap(this.before, to, best);
      swap(this.last, to, best);
      swap(this.probability, to, best);
    }
    this.size = kept;
  }
}

function swap(column: Uint32Array | Float64Array, a: number, b: number): void {
  const kept = column[a] as number;
  column[a] = column[b] as number;
  column[b] = kept;
}

/**
 * Where a stream goes from here: the probabilities along each way are multiplied, and those of all ways to a key are joined (1 - Π(1 - p)). What was
 * found last stands in the columns, in the order in which it was first seen.
 */
export class Chain {
  readonly hashes: Uint32Array = new Uint32Array(MOST_FOUND);
  readonly probabilities: Float64Array = new Float64Array(MOST_FOUND);
  readonly steps: Uint8Array = new Uint8Array(MOST_FOUND);
  size = 0;
  readonly #states: States;
  readonly #confidence: Confidence;
  #front = new Front(BRANCHES * PLACES);
  #next = new Front(BRANCHES * PLACES);

  constructor(states: States, confidence: Confidence) {
    this.#states = states;
    this.#confidence = confidence;
  }

  follow(before: number, last: number, threshold: number, depth: number): void {
    const least = Math.min(threshold, LEAST_FOLLOWED);
    this.size = 0;
    this.#front.size = 0;
    this.#front.add(before, last, 1);
    for (let step = 1; step <= depth && this.#front.size > 0; step++) {
      const next = this.#next;
      next.size = 0;
      for (let at = 0; at < this.#front.size; at++) this.#branch(this.#front, at, least, next);
      next.keepLikeliest(BRANCHES);
      for (let at = 0; at < next.size; at++)
        if (next.last[at] !== last) this.#find(next.last[at] as number, next.probability[at] as number, step);
      this.#next = this.#front;
      this.#front = next;
    }
  }

  /** Order 2 where the pair is known, order 1 where it is not. */
  #branch(front: Front, at: number, least: number, next: Front): void {
    const states = this.#states;
    const before = front.before[at] as number;
    const last = front.last[at] as number;
    const pair = before === 0 ? NO_ROW : states.find(tagOf(before, last));
    const row = pair === NO_ROW ? states.find(tagOf(0, last)) : pair;
    if (row === NO_ROW) return;
    const order = pair === NO_ROW ? 1 : 2;
    const visits = states.visitsOf(row);
    for (let place = 0; place < PLACES; place++) {
      const count = states.countAt(row, place);
      if (count === 0) continue;
      const probability = (front.probability[at] as number) * this.#confidence.of(order, visits, count);
      if (probability > least) next.add(last, states.hashAt(row, place), probability);
    }
  }

  #find(hash: number, probability: number, step: number): void {
    for (let at = 0; at < this.size; at++) {
      if (this.hashes[at] !== hash) continue;
      this.probabilities[at] = 1 - (1 - (this.probabilities[at] as number)) * (1 - probability);
      return;
    }
    if (this.size === MOST_FOUND) return;
    const at = this.size++;
    this.hashes[at] = hash;
    this.probabilities[at] = probability;
    this.steps[at] = step;
  }
}
