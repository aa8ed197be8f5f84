/*
 * Who was here lately, by hash.
 *
 * Problem: ARC, LIRS and S3-FIFO learn from keys that come back soon after they left, so they have to know about as many keys that are gone as
 * there are entries, without keeping keys and without an object for each.
 * Idea: a ghost is a small integer. Its hash, weight and list stand in typed arrays, its place in a list in `SlotLists`, and an open-addressing
 * table with linear probing, at most half full, finds it by its hash. A ghost that goes is closed up behind, so the table has no tombstones.
 * Cost: O(1); 21 to 29 bytes a ghost, 8 more where weights differ, all grown on demand.
 * Does not: tell two keys of the same 32 bits apart (of a million ghosts one look-up in 4,000 is mistaken, which costs a wrong guess, no more),
 * or bound itself: whoever adds drops the oldest by weight.
 * Paper: Knuth 1973, The Art of Computer Programming 3, section 6.4, algorithm R (deletion with linear probing).
 */
import { grown } from './grown.ts';
import { NO_SLOT } from './policy.ts';
import { SlotLists } from './slot-lists.ts';
import { Weights } from './weights.ts';

/** Index of a ghost: dense, from 0, reused. */
export type Ghost = number;

export const NO_GHOST = -1;

const FREE = 0;
const LEAST_CELLS = 64;

/** `lists` queues of ghosts, named 0 to `lists` - 1. */
export class Ghosts {
  readonly #queues: SlotLists;
  readonly #weights: Weights;
  readonly #weightIn: Float64Array;
  #hashes: Int32Array = new Int32Array(LEAST_CELLS / 2);
  #listOf: Uint8Array = new Uint8Array(LEAST_CELLS / 2);
  /** Ghost + 1, or 0 where nobody is. */
  #cells: Int32Array = new Int32Array(LEAST_CELLS);
  #shift: number = 32 - Math.log2(LEAST_CELLS);
  #size = 0;
  #made = 0;

  constructor(lists: number, unit: 'bytes' | 'entries' | undefined) {
    this.#queues = new SlotLists(lists + 1);
    this.#weights = new Weights(unit);
    this.#weightIn = new Float64Array(lists);
  }

  get size(): number {
    return this.#size;
  }

  find(hash: number): Ghost {
    const wanted = hash | 0;
    const mask = this.#cells.length - 1;
    for (let at = this.#home(wanted); ; at = (at + 1) & mask) {
      const ghost = (this.#cells[at] as number) - 1;
      if (ghost < 0) return NO_GHOST;
      if (this.#hashes[ghost] === wanted) return ghost;
    }
  }

  hashOf(ghost: Ghost): number {
    return this.#hashes[ghost] as number;
  }

  weightOf(ghost: Ghost): number {
    return this.#weights.of(ghost);
  }

  listOf(ghost: Ghost): number {
    return this.#listOf[ghost] as number;
  }

  /** The sum of the weights in `list`. */
  weightIn(list: number): number {
    return this.#weightIn[list] as number;
  }

  /** Who has been in `list` longest, or NO_GHOST. */
  oldest(list: number): Ghost {
    return this.#queues.first(list + 1);
  }

  /** Adds the newest of `list`, in the place of any ghost of the same hash. */
  add(list: number, hash: number, weight: number): Ghost {
    const same = this.find(hash);
    if (same !== NO_GHOST) this.drop(same);
    if (2 * (this.#size + 1) > this.#cells.length) this.#widen();
    let ghost: Ghost = this.#queues.first(FREE);
    if (ghost === NO_SLOT) ghost = this.#made++;
    else this.#queues.unlink(ghost);
    if (ghost >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, ghost);
      this.#listOf = grown(this.#listOf, ghost);
    }
    this.#hashes[ghost] = hash;
    this.#listOf[ghost] = list;
    this.#weights.set(ghost, weight);
    this.#weightIn[list] = this.weightIn(list) + this.#weights.of(ghost);
    this.#queues.push(list + 1, ghost);
    this.#seat(ghost);
    this.#size++;
    return ghost;
  }

  drop(ghost: Ghost): void {
    const list = this.#listOf[ghost] as number;
    this.#queues.move(FREE, ghost);
    this.#weightIn[list] = this.#queues.isEmpty(list + 1) ? 0 : this.weightIn(list) - this.#weights.of(ghost);
    this.#vacate(ghost);
    this.#size--;
  }

  #home(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift;
  }

  #seat(ghost: Ghost): void {
    const mask = this.#cells.length - 1;
    let at = this.#home(this.#hashes[ghost] as number);
    while (this.#cells[at] !== 0) at = (at + 1) & mask;
    this.#cells[at] = ghost + 1;
  }

  #vacate(ghost: Ghost): void {
    const cells = this.#cells;
    const mask = cells.length - 1;
    let gap = this.#home(this.#hashes[ghost] as number);
    while (cells[gap] !== ghost + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; cells[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(this.#hashes[(cells[at] as number) - 1] as number);
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      cells[gap] = cells[at] as number;
      gap = at;
    }
    cells[gap] = 0;
  }

  #widen(): void {
    const seated = this.#cells;
    this.#cells = new Int32Array(2 * seated.length);
    this.#shift--;
    for (const cell of seated) if (cell !== 0) this.#seat(cell - 1);
  }
}
