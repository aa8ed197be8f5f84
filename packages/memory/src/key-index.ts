/*
 * From a key's hash to its slot, in four bytes a cell.
 *
 * Problem: a Map hashes again what is hashed already, takes 30 to 50 bytes an entry, stalls for seconds when it grows past millions of entries,
 * and ends at 2^24.
 * Idea: linear probing, where the cells stay sorted by home, the cell that the top bits of the hash name (Robin Hood hashing). A cell holds how
 * far it stands from its home, the next bits of the hash as a tag, and the slot. So a look-up ends at the first cell that is nearer to its own home
 * than the key would be, also for keys that are not there; a delete moves the rest of the run back by one; and doubling the table, which turns
 * one bit of the tag into one of the home, is a single pass in order. None of them reads a hash or a key. With every doubling the slot needs
 * a bit more and the tag a bit less, so that home and tag are always 26 bits of the hash, enough for 53 million entries.
 * An entry stands at most 62 cells from home: at four fifths full that is exceeded once in 10^11 keys, unless somebody chooses the keys. Then another
 * entry of the run has to go, so that chosen keys cost a bounded time and their own places.
 * Cost: 5 to 10 bytes an entry; two or three neighbouring cells a look-up; a doubling reads and writes the table once.
 * Does not: shrink, or keep keys: who asks compares them.
 * Papers: Knuth 1973, The Art of Computer Programming 3, 6.4 (linear probing, deletion); Celis, Larson and Munro 1985, Robin Hood hashing; Cleary 1984,
 * Compact hash tables using bidirectional linear probing (a place tells the part of the hash that the cell leaves out).
 */
import { NO_SLOT, type Slot } from '@kvasir/core';

/** Bits of a cell for tag and slot; the six above them hold one more than its distance from home, 0 in an empty cell. */
const LOWER_BITS = 26;
const LOWER = 2 ** LOWER_BITS - 1;
const ONE_STEP = 2 ** LOWER_BITS;
const TOP_OF_TAG = 2 ** (LOWER_BITS - 1);
const MAX_DISTANCE = 62;
const FIRST_BITS = 4;
/** Above it runs grow long; at it the mean distance is two cells. */
const MAX_LOAD = 0.8;

export const MOST_INDEXED: number = roomFor(LOWER_BITS) - 1;

/** Compares what a slot holds with what is looked for. */
export interface Keyed {
  holds(slot: Slot, key: string, space: number): boolean;
}

export class KeyIndex {
  readonly #keyed: Keyed;
  #cells: Int32Array = makeCells(FIRST_BITS);
  #bits = FIRST_BITS;
  #room = roomFor(FIRST_BITS);
  #size = 0;

  constructor(keyed: Keyed) {
    this.#keyed = keyed;
  }

  get size(): number {
    return this.#size;
  }

  find(hash: number, key: string, space: number): Slot {
    const cells = this.#cells;
    const slotMask = (1 << this.#bits) - 1;
    let at = hash >>> (32 - this.#bits);
    let wanted = this.#cellAtHome(hash);
    do {
      const cell = cells[at++] as number;
      if ((cell ^ wanted) >>> 0 <= slotMask) {
        const slot = cell & slotMask;
        if (this.#keyed.holds(slot, key, space)) return slot;
      } else if (cell >>> LOWER_BITS < wanted >>> LOWER_BITS) return NO_SLOT;
      wanted = (wanted + ONE_STEP) | 0;
    } while (wanted >>> LOWER_BITS !== 0);
    return NO_SLOT;
  }

  /** Adds a slot below the greatest size so far. NO_SLOT, or a slot that has to be removed before this one can be added. */
  add(hash: number, slot: Slot): Slot {
    if (this.#size >= this.#room) this.#double();
    const cells = this.#cells;
    let cell = this.#cellAtHome(hash) | slot;
    let at = hash >>> (32 - this.#bits);
    while ((cells[at] as number) >>> LOWER_BITS >= cell >>> LOWER_BITS) {
      if (cell >>> LOWER_BITS > MAX_DISTANCE) return this.#slotAt(at);
      cell = (cell + ONE_STEP) | 0;
      at++;
    }
    let end = at;
    for (; cells[end] !== 0; end++) if ((cells[end] as number) >>> LOWER_BITS > MAX_DISTANCE) return this.#slotAt(end);
    for (; end > at; end--) cells[end] = ((cells[end - 1] as number) + ONE_STEP) | 0;
    cells[at] = cell;
    this.#size++;
    return NO_SLOT;
  }

  /** Takes out a slot that was added with this hash. */
  remove(hash: number, slot: Slot): void {
    const cells = this.#cells;
    let cell = this.#cellAtHome(hash) | slot;
    let at = hash >>> (32 - this.#bits);
    for (; cells[at] !== cell; at++) {
      cell = (cell + ONE_STEP) | 0;
      if (cell >>> LOWER_BITS === 0) throw new Error(`slot ${slot} is not in the index`);
    }
    for (; (cells[at + 1] as number) >>> LOWER_BITS > 1; at++) cells[at] = ((cells[at + 1] as number) - ONE_STEP) | 0;
    cells[at] = 0;
    this.#size--;
  }

  clear(): void {
    this.#bits = FIRST_BITS;
    this.#room = roomFor(FIRST_BITS);
    this.#cells = makeCells(FIRST_BITS);
    this.#size = 0;
  }

  /** For tests: throws when the cells are not sorted by home, or a slot is not where `hashOf` says. */
  check(hashOf: (slot: Slot) => number): void {
    let size = 0;
    let lastHome = -1;
    for (let at = 0; at < this.#cells.length; at++) {
      const cell = this.#cells[at] as number;
      if (cell === 0) continue;
      const home = at - (cell >>> LOWER_BITS) + 1;
      const hash = hashOf(this.#slotAt(at));
      const gap = at > 0 && home < at && this.#cells[at - 1] === 0;
      if (home !== hash >>> (32 - this.#bits) || home < lastHome || gap) throw new Error(`cell ${at} is out of place`);
      if (((cell ^ this.#cellAtHome(hash)) & LOWER) >= 2 ** this.#bits) throw new Error(`cell ${at} has a wrong tag`);
      lastHome = home;
      size++;
    }
    if (size !== this.#size) throw new Error(`${size} cells are taken for ${this.#size} slots`);
  }

  /** What a cell of this hash and slot 0 would hold at its home. */
  #cellAtHome(hash: number): number {
    return (((hash >>> (32 - LOWER_BITS)) << this.#bits) & LOWER) | ONE_STEP;
  }

  #slotAt(at: number): Slot {
    return (this.#cells[at] as number) & ((1 << this.#bits) - 1);
  }

  /** The cells of one home stand together; those whose tag begins with 1 go to the odd of its two new homes, and so behind the others. */
  #double(): void {
    const from = this.#cells;
    const bits = this.#bits;
    const into = makeCells(bits + 1);
    const odd = new Int32Array(MAX_DISTANCE + 1);
    let home = 0;
    let free = 0;
    let odds = 0;
    for (let at = 0; at < from.length; at++) {
      const cell = from[at] as number;
      if (cell === 0) continue;
      const itsHome = at - (cell >>> LOWER_BITS) + 1;
      if (itsHome !== home) {
        free = moveTo(into, free, 2 * home + 1, odd, odds, bits);
        home = itsHome;
        odds = 0;
        free = Math.max(free, 2 * home);
      }
      if ((cell & TOP_OF_TAG) !== 0) odd[odds++] = cell;
      else {
        into[free] = movedCell(cell, free - 2 * home + 1, bits);
        free++;
      }
    }
    moveTo(into, free, 2 * home + 1, odd, odds, bits);
    this.#cells = into;
    this.#bits = bits + 1;
    this.#room = roomFor(bits + 1);
  }
}

/** Gives the first `count` of `cells` the places from `free`, or from `home`, on; returns the next. */
function moveTo(into: Int32Array, free: number, home: number, cells: Int32Array, count: number, bits: number): number {
  if (count === 0) return free;
  let at = Math.max(free, home);
  for (let i = 0; i < count; i++, at++) into[at] = movedCell(cells[i] as number, at - home + 1, bits);
  return at;
}

/** A cell of a table of `bits` in one of a bit more: the slot gets the bit that the tag gives to the home. */
function movedCell(cell: number, steps: number, bits: number): number {
  const slotMask = (1 << bits) - 1;
  return (steps << LOWER_BITS) | (((cell & ~slotMask) << 1) & LOWER) | (cell & slotMask);
}

function roomFor(bits: number): number {
  return Math.floor(MAX_LOAD * 2 ** bits);
}

/** Cells past the last home take its run; the last of them is never taken. */
function makeCells(bits: number): Int32Array {
  return new Int32Array(2 ** bits + MAX_DISTANCE + 2);
}
