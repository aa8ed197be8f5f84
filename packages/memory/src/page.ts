/*
 * Entries taken apart into columns.
 *
 * Problem: an object for every entry costs 60 to 100 bytes more than what it says, and the collector visits each.
 * Idea: key and value of a slot stand side by side in one array, its hash, the end of its freshness, how long before that it was stored, and its
 * size in a Uint32Array. Instants are whole milliseconds from an instant of the page; cost, grace and space have columns only where any entry
 * has one. What does not fit exactly (tags, fractions, instants far away) is kept as the Entry that it came as, so that every field comes
 * back as it was. Of each 64 slots the earliest end is known, so that who looks for what is over need not look at the entries.
 * A store is pages of 65,536 slots: growing copies one page at most, and clearing drops them.
 * Cost: 32 bytes an entry, 8 more for what is kept as an Entry in any slot of the page, 2 for cost, 4 for grace, 2 for space.
 * Does not: know whether an entry is over; that is the store's to ask.
 */
import type { Entry, EpochMs, Space } from '@kvasir/core';

export const PAGE_BITS = 16;
export const PAGE_SLOTS: number = 2 ** PAGE_BITS;
export const PAGE_MASK: number = PAGE_SLOTS - 1;
export const BLOCK_BITS = 6;
const BLOCK_SLOTS = 2 ** BLOCK_BITS;

/** Columns of `marks`, four to a slot. */
const HASH = 0;
const FRESH_UNTIL = 1;
const STORED_BEFORE = 2;
const SIZE = 3;

/** In the columns of instants: no end. */
export const ENDLESS = 0xffffffff;
/** Three days: entries without end that were stored longer before the page's base was chosen are kept whole. */
const REACH_BACK_MS = 2 ** 28;
/** Twelve days, which leaves 37 for a TTL: later the page takes a new base, a matter of milliseconds. */
const BASE_LASTS_MS = 2 ** 30;
const NONE: readonly string[] = Object.freeze([]);

export class Page {
  /** Key, value, key, value …; a key is undefined where the slot is free. */
  pairs: unknown[] = [];
  marks: Uint32Array = new Uint32Array(0);
  earliestEnds: Float64Array = new Float64Array(0);
  costs: Uint16Array | undefined;
  graces: Uint32Array | undefined;
  spaces: Uint16Array | undefined;
  wholes: (Entry | undefined)[] | undefined;
  base: EpochMs;
  capacity = 0;

  constructor(now: EpochMs) {
    this.base = Math.floor(now) - REACH_BACK_MS;
  }

  grow(capacity: number): void {
    this.pairs = lengthen(this.pairs, 2 * this.capacity, 2 * capacity);
    if (this.wholes !== undefined)
      this.wholes = lengthen(this.wholes, this.capacity, capacity) as (Entry | undefined)[];
    this.marks = copyInto(new Uint32Array(4 * capacity), this.marks);
    this.costs &&= copyInto(new Uint16Array(capacity), this.costs);
    this.graces &&= copyInto(new Uint32Array(capacity), this.graces);
    this.spaces &&= copyInto(new Uint16Array(capacity), this.spaces);
    const blocks = Math.ceil(capacity / BLOCK_SLOTS);
    this.earliestEnds = copyInto(new Float64Array(blocks).fill(Infinity), this.earliestEnds);
    this.capacity = capacity;
  }

  isTaken(at: number): boolean {
    return this.pairs[2 * at] !== undefined;
  }

  hashAt(at: number): number {
    return this.marks[4 * at + HASH] as number;
  }

  spaceAt(at: number): Space {
    return this.spaces === undefined ? 0 : (this.spaces[at] as number);
  }

  /** From `base`, or ENDLESS; 0 for entries that are kept whole. */
  freshUntilAt(at: number): number {
    return this.marks[4 * at + FRESH_UNTIL] as number;
  }

  costAt(at: number): number {
    return this.costs === undefined ? 0 : (this.costs[at] as number);
  }

  wholeAt(at: number): Entry | undefined {
    return this.wholes === undefined ? undefined : this.wholes[at];
  }

  sizeAt(at: number): number {
    return this.wholeAt(at)?.size ?? (this.marks[4 * at + SIZE] as number);
  }

  expiryAt(at: number): EpochMs {
    const whole = this.wholeAt(at);
    if (whole !== undefined) return whole.expiresAt;
    const freshUntil = this.freshUntilAt(at);
    const grace = this.graces === undefined ? 0 : (this.graces[at] as number);
    return freshUntil === ENDLESS || grace === ENDLESS ? Infinity : this.base + freshUntil + grace;
  }

  name(at: number, key: string, space: Space, hash: number): void {
    this.pairs[2 * at] = key;
    this.marks[4 * at + HASH] = hash;
    if (space !== 0 || this.spaces !== undefined) (this.spaces ??= new Uint16Array(this.capacity))[at] = space;
  }

  forget(at: number): void {
    this.pairs[2 * at] = undefined;
    this.pairs[2 * at + 1] = undefined;
    if (this.wholes !== undefined) this.wholes[at] = undefined;
  }

  write(at: number, entry: Entry, now: EpochMs): void {
    if (now < this.base || now - this.base > BASE_LASTS_MS) this.#rebase(now);
    this.#put(at, entry);
    const block = at >>> BLOCK_BITS;
    if (entry.expiresAt < (this.earliestEnds[block] as number)) this.earliestEnds[block] = entry.expiresAt;
  }

  #put(at: number, entry: Entry): void {
    this.pairs[2 * at + 1] = entry.value;
    const fits = this.#writeParts(at, entry);
    if (!fits) this.marks[4 * at + FRESH_UNTIL] = 0;
    if (!fits || this.wholes !== undefined) (this.wholes ??= new Array(this.capacity))[at] = fits ? undefined : entry;
  }

  read(at: number): Entry {
    const whole = this.wholeAt(at);
    if (whole !== undefined) return whole;
    const freshUntil = this.freshUntilAt(at);
    const storedBefore = this.marks[4 * at + STORED_BEFORE] as number;
    const staleAt = freshUntil === ENDLESS ? Infinity : this.base + freshUntil;
    return {
      value: this.pairs[2 * at + 1],
      storedAt: freshUntil === ENDLESS ? this.base + storedBefore : staleAt - storedBefore,
      staleAt,
      expiresAt: this.expiryAt(at),
      tags: NONE,
      stamps: NONE,
      size: this.marks[4 * at + SIZE] as number,
      cost: this.costAt(at),
    };
  }

  #rebase(now: EpochMs): void {
    const entries = Array.from({ length: this.capacity }, (_, at) => (this.isTaken(at) ? this.read(at) : undefined));
    this.base = Math.floor(now) - REACH_BACK_MS;
    for (const [at, entry] of entries.entries()) if (entry !== undefined) this.#put(at, entry);
  }

  /** False when something would not come back as it was; then the parts mean nothing. */
  #writeParts(at: number, entry: Entry): boolean {
    const { storedAt, staleAt, expiresAt, size, cost, tags, stamps } = entry;
    const base = this.base;
    const isEndless = staleAt === Infinity;
    const freshUntil = isEndless ? ENDLESS : staleAt - base;
    const storedBefore = isEndless ? storedAt - base : staleAt - storedAt;
    const hasEndlessGrace = !isEndless && expiresAt === Infinity;
    const grace = expiresAt === staleAt ? 0 : hasEndlessGrace ? ENDLESS : expiresAt - staleAt;
    const marks = this.marks;
    marks[4 * at + FRESH_UNTIL] = freshUntil;
    marks[4 * at + STORED_BEFORE] = storedBefore;
    marks[4 * at + SIZE] = size;
    if (grace !== 0 || this.graces !== undefined) (this.graces ??= new Uint32Array(this.capacity))[at] = grace;
    if (cost !== 0 || this.costs !== undefined) (this.costs ??= new Uint16Array(this.capacity))[at] = cost;
    return (
      tags.length === 0 &&
      stamps.length === 0 &&
      size >>> 0 === size &&
      (cost & 0xffff) === cost &&
      storedBefore >>> 0 === storedBefore &&
      (isEndless
        ? base + storedBefore === storedAt
        : freshUntil >>> 0 === freshUntil && freshUntil !== ENDLESS && staleAt - storedBefore === storedAt) &&
      grace >>> 0 === grace &&
      (hasEndlessGrace || (grace !== ENDLESS && (isEndless || base + freshUntil + grace === expiresAt)))
    );
  }
}

function lengthen(array: readonly unknown[], length: number, newLength: number): unknown[] {
  const longer = new Array<unknown>(newLength);
  for (let at = 0; at < length; at++) longer[at] = array[at];
  return longer;
}

function copyInto<T extends { set(from: ArrayLike<number>): void }>(longer: T, from: ArrayLike<number>): T {
  longer.set(from);
  return longer;
}
