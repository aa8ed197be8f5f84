/*
 * LIRS: who stays is decided by the time between the last two requests, not since the last one.
 *
 * Problem: in a scan or a loop over more than fits, what was used last is the worst guess for what is used next.
 * Idea: entries whose last two requests were close together (LIR, 99 % of the room) stay; all others (HIR) wait in a short queue and leave from
 * it. An entry that is asked for again before the oldest LIR entry is has, by that, the shorter interval: it becomes LIR, and the oldest LIR falls into
 * the queue. So that this can be seen of newcomers, who have left the queue before they return, they stay behind as ghosts.
 * The paper keeps all three kinds in one stack and prunes it down to its lowest LIR. Here each request stamps its entry; to be in the stack is
 * to be younger than the oldest LIR. LIR entries stand in order of their stamps, and so do ghosts, because those of the queue who are still in
 * the stack leave it in the order in which they were stamped. Pruning drops ghosts from the old end, and the stack needs no list.
 * Ghosts weigh at most twice the capacity. A LIR entry that is removed leaves its room to those who prove themselves; only an empty cache is
 * filled with whoever comes.
 * Cost: O(1) an operation, amortised where ghosts are dropped; 17 bytes a slot, 4 for its hash unless the store lends it, 8 where weights
 * differ, and up to twice as many ghosts as entries with 8 bytes each for their stamps.
 * Does not: follow a working set that moves faster than LIR entries age, weigh intervals by size, or keep in a store of bytes a newcomer
 * heavier than the queue (it is refused, and enters when it comes again).
 * Papers: Jiang and Zhang 2002, "LIRS: an efficient low inter-reference recency set replacement policy", section 3.
 */
import { Ghosts, NO_GHOST } from './ghosts.ts';
import { grown } from './grown.ts';
import { Hashes } from './hashes.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { SlotLists } from './slot-lists.ts';
import { Weights } from './weights.ts';

/** As in the paper's experiments: 1 % of the room is for HIR entries. */
const LIR_PART = 0.99;
/** A loop over three times the capacity is still seen. Hit ratios on 76 cells of recorded traces are flat from 1 to 16 (docs/decisions.md). */
const GHOST_PART = 2;

const LIR = 0;
const HIR = 1;
const GHOSTS = 0;

export function lirs(): PolicyFactory {
  return (capacity, unit, hashOf) => new Lirs(capacity, unit, hashOf);
}

class Lirs implements Policy {
  readonly name = 'lirs';
  readonly #lists = new SlotLists(2);
  readonly #ghosts: Ghosts;
  readonly #weights: Weights;
  readonly #hashes: Hashes;
  readonly #lirRoom: number;
  readonly #ghostRoom: number;
  #listOf: Uint8Array = new Uint8Array(64);
  #stamps: Float64Array = new Float64Array(64);
  #ghostStamps: Float64Array = new Float64Array(64);
  #lirWeight = 0;
  #now = 0;
  /** Who is stamped later is in the stack. Never moves back. */
  #bottom = 0;
  #isFilling = true;

  constructor(capacity: number, unit: 'bytes' | 'entries' | undefined, hashOf: HashOf | undefined) {
    this.#ghosts = new Ghosts(1, unit);
    this.#weights = new Weights(unit);
    this.#hashes = new Hashes(hashOf);
    this.#lirRoom = unit === 'entries' ? Math.min(capacity - 1, capacity * LIR_PART) : capacity * LIR_PART;
    this.#ghostRoom = capacity < Number.POSITIVE_INFINITY ? capacity * GHOST_PART : 0;
  }

  insert(slot: Slot, hash: number, weight: number): void {
    if (slot >= this.#listOf.length) {
      this.#listOf = grown(this.#listOf, slot);
      this.#stamps = grown(this.#stamps, slot);
    }
    this.#weights.set(slot, weight);
    this.#hashes.keep(slot, hash);
    this.#stamps[slot] = ++this.#now;
    const ghost = this.#ghosts.find(hash);
    if (ghost !== NO_GHOST) this.#ghosts.drop(ghost);
    const isWanted = ghost !== NO_GHOST || (this.#isFilling && this.#lirWeight + weight <= this.#lirRoom);
    this.#lists.push(isWanted ? LIR : HIR, slot);
    this.#listOf[slot] = isWanted ? LIR : HIR;
    if (isWanted) this.#admit(weight);
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    const stamp = this.#stamps[slot] as number;
    this.#stamps[slot] = ++this.#now;
    if (this.#listOf[slot] === LIR) {
      this.#lists.move(LIR, slot);
      if (stamp === this.#bottom) this.#prune();
    } else if (stamp <= this.#bottom) this.#lists.move(HIR, slot);
    else {
      this.#lists.move(LIR, slot);
      this.#listOf[slot] = LIR;
      this.#admit(this.#weights.of(slot));
    }
  }

  resize(slot: Slot, weight: number): void {
    if (!this.#lists.has(slot)) return;
    const more = weight - this.#weights.of(slot);
    this.#weights.set(slot, weight);
    if (this.#listOf[slot] === LIR) this.#admit(more);
  }

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#lists.unlink(slot);
    if (this.#lists.isEmpty(LIR)) {
      this.#lirWeight = 0;
      this.#isFilling ||= this.#lists.isEmpty(HIR);
    } else if (this.#listOf[slot] === LIR) this.#admit(-this.#weights.of(slot));
  }

  victim(): Slot {
    const slot = this.#lists.first(HIR);
    return slot === NO_SLOT ? this.#lists.first(LIR) : slot;
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.victim() : NO_SLOT;
    if (slot === NO_SLOT) return NO_SLOT;
    this.remove(slot);
    this.#isFilling = false;
    if (this.#listOf[slot] === HIR && (this.#stamps[slot] as number) > this.#bottom) this.#haunt(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#lists.forEach(HIR, visit);
    this.#lists.forEach(LIR, visit);
  }

  /** Makes the LIR entries `more` heavy, whatever that pushes out of them. */
  #admit(more: number): void {
    this.#lirWeight += more;
    for (let oldest = this.#lists.first(LIR); oldest !== NO_SLOT; oldest = this.#lists.first(LIR)) {
      this.#bottom = this.#stamps[oldest] as number;
      if (this.#lirWeight <= this.#lirRoom) break;
      this.#lists.move(HIR, oldest);
      this.#listOf[oldest] = HIR;
      this.#lirWeight = this.#lists.isEmpty(LIR) ? 0 : this.#lirWeight - this.#weights.of(oldest);
    }
    this.#prune();
  }

  #prune(): void {
    const lowest = this.#lists.first(LIR);
    if (lowest !== NO_SLOT) this.#bottom = this.#stamps[lowest] as number;
    for (let ghost = this.#ghosts.oldest(GHOSTS); ghost !== NO_GHOST; ghost = this.#ghosts.oldest(GHOSTS)) {
      if ((this.#ghostStamps[ghost] as number) > this.#bottom) return;
      this.#ghosts.drop(ghost);
    }
  }

  /** Leaves the ghost of an entry of the stack. */
  #haunt(slot: Slot): void {
    const weight = this.#weights.of(slot);
    if (!(weight > 0 && weight <= this.#ghostRoom)) return;
    const ghost = this.#ghosts.add(GHOSTS, this.#hashes.of(slot), weight);
    if (ghost >= this.#ghostStamps.length) this.#ghostStamps = grown(this.#ghostStamps, ghost);
    this.#ghostStamps[ghost] = this.#stamps[slot] as number;
    while (this.#ghosts.weightIn(GHOSTS) > this.#ghostRoom) this.#ghosts.drop(this.#ghosts.oldest(GHOSTS));
  }
}
