/*
 * Expired entries leave.
 *
 * Problem: what is over should make room, without a timer an entry, without a look at every entry, and also when nobody reads or writes.
 * Idea: of each 64 slots the store knows the earliest end. A write looks at that of one block, in turn, and goes through the block only when
 * something in it is over; so what is over has left after as many writes as there are blocks, a 64th of the entries. When nobody writes, one timer
 * that wakes at the earliest end of all, at most once a second, goes through all blocks, in slices of a millisecond or two.
 * Cost: 8 bytes for 64 entries; a comparison a write; 64 neighbouring reads for an entry that was over or has left before its end.
 * Does not: remove at the instant of the end; no look-up returns what is over all the same.
 * Papers: the alternative is Varghese and Lauck 1987, Hashed and hierarchical timing wheels: 8 bytes an entry, linked and unlinked by each write.
 */
import type { Clock, EpochMs, Slot } from '@kvasir/core';
import { BLOCK_BITS, PAGE_BITS, PAGE_MASK } from './page.ts';
import type { Slots } from './slots.ts';

const BLOCK_SLOTS = 2 ** BLOCK_BITS;
const LEAST_SLEEP_MS = 1_000;
/** A slice of a pass ends after that many entries have left, at up to a microsecond each, or that many slots were looked at, at some nanoseconds. */
const SLICE_DEPARTURES = 1_000;
const SLICE_LOOKS = 100_000;
const BETWEEN_SLICES_MS = 3;

/** What the sweep works for. */
export interface Swept {
  readonly slots: Slots;
  readonly clock: Clock;
  expire(slot: Slot): void;
}

export class Sweep {
  readonly #store: Swept;
  #hand = 0;
  /** The block at which a pass of the timer goes on. */
  #passed = 0;
  #wakesAt: EpochMs = Infinity;
  #cancel: (() => void) | undefined;

  constructor(store: Swept) {
    this.#store = store;
  }

  /** One step, for a write. */
  step(now: EpochMs): void {
    const { slots } = this.#store;
    if (this.#hand >= slots.blocks) this.#hand = 0;
    if (slots.blocks > 0 && this.#earliestEnd(this.#hand) <= now) this.#sweepBlock(this.#hand, now);
    this.#hand++;
  }

  /** Wakes by itself some time after `end`. */
  wakeAfter(end: EpochMs, now: EpochMs): void {
    if (end + LEAST_SLEEP_MS < this.#wakesAt) this.#sleep(now, Math.max(end, now + LEAST_SLEEP_MS));
  }

  /** A slice of a pass through all blocks; sleeps until the next slice, or until the next entry is over. */
  wake(): void {
    const { slots, clock } = this.#store;
    const now = clock.now();
    this.#wakesAt = Infinity;
    this.#cancel = undefined;
    let departures = 0;
    for (let looks = 0; this.#passed < slots.blocks; this.#passed++) {
      if (this.#earliestEnd(this.#passed) > now) continue;
      if (departures >= SLICE_DEPARTURES || looks >= SLICE_LOOKS) return this.#sleep(now, now + BETWEEN_SLICES_MS);
      departures += this.#sweepBlock(this.#passed, now);
      looks += BLOCK_SLOTS;
    }
    this.#passed = 0;
    let next = Infinity;
    for (let block = 0; block < slots.blocks; block++) next = Math.min(next, this.#earliestEnd(block));
    this.wakeAfter(next, now);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakesAt = Infinity;
    this.#hand = 0;
    this.#passed = 0;
  }

  #sleep(now: EpochMs, wakesAt: EpochMs): void {
    this.#cancel?.();
    this.#wakesAt = wakesAt;
    this.#cancel = this.#store.clock.after(wakesAt - now, wakeThrough(new WeakRef(this)));
  }

  #earliestEnd(block: number): EpochMs {
    const first = block << BLOCK_BITS;
    const page = this.#store.slots.pages[first >>> PAGE_BITS];
    return page?.earliestEnds[(first & PAGE_MASK) >>> BLOCK_BITS] as number;
  }

  /** How many have left. */
  #sweepBlock(block: number, now: EpochMs): number {
    const { slots } = this.#store;
    const first = block << BLOCK_BITS;
    const end = Math.min(first + BLOCK_SLOTS, slots.used);
    let earliest = Infinity;
    let over = 0;
    for (let slot = first; slot < end; slot++) {
      if (!slots.isTaken(slot)) continue;
      const expiresAt = slots.expiryOf(slot);
      if (expiresAt <= now) over++;
      else if (expiresAt < earliest) earliest = expiresAt;
    }
    slots.pageOf(first).earliestEnds[(first & PAGE_MASK) >>> BLOCK_BITS] = earliest;
    // Who is told that an entry has left may have written, deleted and cleared meanwhile.
    for (let slot = first; over > 0 && slot < end; slot++)
      if (slots.isTaken(slot) && slots.expiryOf(slot) <= now) this.#store.expire(slot);
    return over;
  }
}

/** A store that nobody holds any more is not held by its timer. */
function wakeThrough(sweep: WeakRef<Sweep>): () => void {
  return () => sweep.deref()?.wake();
}
