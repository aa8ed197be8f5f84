/*
 * What an entry's room is worth, learnt from who came back and when.
 *
 * Problem: an entry is worth keeping for the hits that it will bring per unit of room and time. Neither is known, and both depend on its age: a
 * user who reads an answer for a minute does not ask within that minute, is most likely to ask soon after, and then less and less.
 * Idea: entries fall into kinds, and ages into spans, each longer than the one before by half an octave. For each kind and span count how many
 * entered it, how many of them came back in it and how many lived through it. Returns over exposure is the hazard, where one that has left the
 * span counts whole and one that is still in it half: counted whole, spans that are just being reached look barren, left out, they look rich.
 * Entries that have left the store are counted as well, so that what was given up can be seen to have been worth keeping. An entry of some age
 * is worth the best rate of hits over time that keeping it up to some later age would bring (Gittins' index): it rises while the likely moment
 * comes nearer, and falls once it is over. What has seldom been seen borrows from what has: a kind from all kinds of its age, an age of which
 * nothing is known from a law without memory, by which a fixed part returns in every octave and worth falls as 1 / age, which is LRU.
 * Cost: O(1) to count; weighing visits each pair of spans of each kind once, some 3,000 steps, and is done seldom. 3 KB.
 * Does not: tell entries of one kind and age apart.
 * Papers: Beckmann, Chen and Cidon 2018, "LHD: improving cache hit rate by maximizing hit density", section 3 (hits per space and time, learnt
 * by class and age); Gittins 1979, "Bandit processes and dynamic allocation indices"; Kaplan and Meier 1958, "Nonparametric estimation from
 * incomplete observations" (hazards by age, those still alive included; half an exposure is the actuaries' rule that it refines).
 */

/** Ages below are one span: who comes back so soon is never the one to go. */
const FIRST_SPAN = 16;
/** Ages end at 2^20 requests, which bounds the memory of a policy that remembers everyone up to then. */
const MOST_SPANS = 33;
/** Beyond the last age that is remembered. */
export const OLD: number = MOST_SPANS;

/** Part that comes back in an octave of which nothing is known. A third and more makes old entries hold out: up to 0.6 points below LRU at 50,000 blocks. */
const FIRST_GUESS = 0.25;
/** The same in a span of half an octave. */
const SPAN_GUESS = FIRST_GUESS * (Math.SQRT2 - 1);
/** Sightings that a guess counts for: those of a short run say more. */
const GUESS_WEIGHT = 4;
/** Sightings that all kinds together count for in one of them: entries of a run come back together, and one run proves little. */
const POOL_WEIGHT = 30;
/** Whoever is older than is remembered has no likely moment before them. */
const OLD_PART = 0.5;

/** The age at which each span begins. */
export const BEGINS: Int32Array = Int32Array.from({ length: MOST_SPANS + 1 }, (_, span) =>
  span === 0 ? 0 : Math.round(FIRST_SPAN * 2 ** ((span - 1) / 2)),
);

/** A cell is a kind of a span: `kind * (MOST_SPANS + 1) + span`. */
export function cellOf(kind: number, span: number): number {
  return kind * (MOST_SPANS + 1) + span;
}

export class ReturnRates {
  /** All cells, least worth first. */
  readonly order: Int32Array;
  readonly #kinds: number;
  readonly #entered: Float64Array;
  readonly #returned: Float64Array;
  readonly #survived: Float64Array;
  readonly #worth: Float64Array;
  readonly #pooled = new Float64Array(MOST_SPANS);
  readonly #hazards = new Float64Array(MOST_SPANS);

  constructor(kinds: number) {
    const cells = cellOf(kinds, 0);
    this.#kinds = kinds;
    this.order = Int32Array.from({ length: cells }, (_, cell) => cell);
    this.#entered = new Float64Array(cells);
    this.#survived = new Float64Array(cells);
    this.#returned = new Float64Array(cells);
    this.#worth = new Float64Array(cells);
  }

  /** One of `kind` reaches `span`. */
  enter(kind: number, span: number): void {
    const cell = cellOf(kind, span);
    this.#entered[cell] = (this.#entered[cell] as number) + 1;
  }

  /** It comes back in `span`. */
  return(kind: number, span: number): void {
    const cell = cellOf(kind, span);
    this.#returned[cell] = (this.#returned[cell] as number) + 1;
  }

  /** Expected hits per request and entry, at best, from the beginning of `span` on. */
  worthOf(kind: number, span: number): number {
    return this.#worth[cellOf(kind, span)] as number;
  }

  /** It leaves `span` for an older age. */
  survive(kind: number, span: number): void {
    const cell = cellOf(kind, span);
    this.#survived[cell] = (this.#survived[cell] as number) + 1;
  }

  /** Forgets half of everything. */
  fade(): void {
    for (let cell = 0; cell < this.#entered.length; cell++) {
      this.#entered[cell] = (this.#entered[cell] as number) / 2;
      this.#survived[cell] = (this.#survived[cell] as number) / 2;
      this.#returned[cell] = (this.#returned[cell] as number) / 2;
    }
  }

  /** Draws the conclusions, for ages of `spans` spans. */
  weigh(spans: number): void {
    this.#pool(spans);
    for (let kind = 0; kind < this.#kinds; kind++) {
      for (let span = 0; span < spans; span++) {
        const cell = cellOf(kind, span);
        const returned = (this.#returned[cell] as number) + POOL_WEIGHT * (this.#pooled[span] as number);
        this.#hazards[span] = Math.min(1, returned / (this.#exposed(cell) + POOL_WEIGHT));
      }
      for (let span = 0; span < spans; span++) this.#worth[cellOf(kind, span)] = this.#index(span, spans);
      this.#worth[cellOf(kind, OLD)] = OLD_PART * this.worthOf(kind, spans - 1);
    }
    this.#sort();
  }

  /** The hazards of all kinds together. */
  #pool(spans: number): void {
    for (let span = 0; span < spans; span++) {
      let exposed = GUESS_WEIGHT;
      let returned = GUESS_WEIGHT * (span === 0 ? FIRST_GUESS : SPAN_GUESS);
      for (let kind = 0; kind < this.#kinds; kind++) {
        exposed += this.#exposed(cellOf(kind, span));
        returned += this.#returned[cellOf(kind, span)] as number;
      }
      this.#pooled[span] = Math.min(1, returned / exposed);
    }
  }

  /** Who is in the span counts half, who has left it whole. */
  #exposed(cell: number): number {
    const left = (this.#returned[cell] as number) + (this.#survived[cell] as number);
    return ((this.#entered[cell] as number) + left) / 2;
  }

  #index(from: number, spans: number): number {
    let alive = 1;
    let hits = 0;
    let time = 0;
    let best = 0;
    for (let span = from; span < spans; span++) {
      const hazard = this.#hazards[span] as number;
      hits += alive * hazard;
      time += alive * ((BEGINS[span + 1] as number) - (BEGINS[span] as number)) * (1 - hazard / 2);
      alive *= 1 - hazard;
      best = Math.max(best, hits / time);
    }
    return best;
  }

  /** By insertion: from one weighing to the next the order hardly changes. */
  #sort(): void {
    const { order } = this;
    for (let at = 1; at < order.length; at++) {
      const cell = order[at] as number;
      const worth = this.#worth[cell] as number;
      let to = at;
      for (; to > 0 && (this.#worth[order[to - 1] as number] as number) > worth; to--)
        order[to] = order[to - 1] as number;
      order[to] = cell;
    }
  }
}
