/*
 * S3-FIFO: three queues, and quick demotion of what nobody asks for again.
 *
 * Problem: most keys are asked for once, and every cache that lets them age through all of its room wastes it.
 * Idea: newcomers enter a small queue of a tenth of the room. Who was asked for at least twice there moves into the main queue, who was not
 * leaves soon, and its ghost stays: a key that comes back while its ghost is here goes into the main queue at once. The main queue is a FIFO
 * with second chances: who was asked for since it last reached the end, up to three times, goes round again.
 * The newcomer is in before room is made; it is spared, and does not count as part of the small queue, as in the paper, where it comes last.
 * Cost: a hit writes one byte; eviction is amortised O(1). 10 bytes a slot, 4 for its hash unless the store lends it, 8 where weights differ, and
 * nine ghosts for ten entries.
 * Does not: move on a hit, see recency inside a queue, weigh frequency by size, or refuse anyone.
 * Paper: Yang, Zhang, Qiu, Yue and Rashmi 2023, "FIFO queues are all you need for cache eviction", section 4, algorithm 1.
 */
import { Ghosts, NO_GHOST } from './ghosts.ts';
import { grown } from './grown.ts';
import { Hashes } from './hashes.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { SlotLists } from './slot-lists.ts';
import { Weights } from './weights.ts';

/** Section 4.1. */
const SMALL_PART = 0.1;
/** Algorithm 1: two bits of frequency, and more than one request moves an entry to the main queue. */
const MOST_HITS = 3;
const HITS_TO_STAY = 2;

const SMALL = 0;
const MAIN = 1;
const GHOSTS = 0;

export function s3Fifo(): PolicyFactory {
  return (capacity, unit, hashOf) => new S3Fifo(capacity, unit, hashOf);
}

class S3Fifo implements Policy {
  readonly name = 's3-fifo';
  readonly #lists = new SlotLists(2);
  readonly #ghosts: Ghosts;
  readonly #weights: Weights;
  readonly #hashes: Hashes;
  readonly #smallRoom: number;
  readonly #ghostRoom: number;
  #listOf: Uint8Array = new Uint8Array(64);
  #hits: Uint8Array = new Uint8Array(64);
  #smallWeight = 0;
  #newest: Slot = NO_SLOT;

  constructor(capacity: number, unit: 'bytes' | 'entries' | undefined, hashOf: HashOf | undefined) {
    this.#ghosts = new Ghosts(1, unit);
    this.#weights = new Weights(unit);
    this.#hashes = new Hashes(hashOf);
    this.#smallRoom = capacity * SMALL_PART;
    this.#ghostRoom = capacity < Number.POSITIVE_INFINITY ? capacity - this.#smallRoom : 0;
  }

  insert(slot: Slot, hash: number, weight: number): void {
    if (slot >= this.#listOf.length) {
      this.#listOf = grown(this.#listOf, slot);
      this.#hits = grown(this.#hits, slot);
    }
    this.#weights.set(slot, weight);
    this.#hashes.keep(slot, hash);
    this.#hits[slot] = 0;
    this.#newest = slot;
    const ghost = this.#ghosts.find(hash);
    if (ghost !== NO_GHOST) this.#ghosts.drop(ghost);
    this.#listOf[slot] = ghost === NO_GHOST ? SMALL : MAIN;
    this.#lists.push(this.#listOf[slot] as number, slot);
    if (ghost === NO_GHOST) this.#smallWeight += weight;
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    const hits = this.#hits[slot] as number;
    if (hits < MOST_HITS) this.#hits[slot] = hits + 1;
  }

  resize(slot: Slot, weight: number): void {
    if (!this.#lists.has(slot)) return;
    if (this.#listOf[slot] === SMALL) this.#smallWeight += weight - this.#weights.of(slot);
    this.#weights.set(slot, weight);
  }

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#lists.unlink(slot);
    if (this.#listOf[slot] === SMALL) this.#lighten(slot);
    if (slot === this.#newest) this.#newest = NO_SLOT;
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.#choose() : NO_SLOT;
    if (slot === NO_SLOT) {
      this.#settle();
      return NO_SLOT;
    }
    this.remove(slot);
    if (this.#listOf[slot] === SMALL) this.#haunt(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#lists.forEach(SMALL, visit);
    this.#lists.forEach(MAIN, visit);
  }

  /** The newcomer is behind those who went round to make room for it. */
  #settle(): void {
    if (this.#newest !== NO_SLOT) this.#lists.move(this.#listOf[this.#newest] as number, this.#newest);
    this.#newest = NO_SLOT;
  }

  /** Turns the queues until somebody has had his chances. */
  #choose(): Slot {
    for (;;) {
      const small = this.#oldest(SMALL);
      const main = this.#oldest(MAIN);
      const spared = this.#newest !== NO_SLOT && this.#listOf[this.#newest] === SMALL;
      const smallWeight = this.#smallWeight - (spared ? this.#weights.of(this.#newest) : 0);
      if (small !== NO_SLOT && (main === NO_SLOT || smallWeight >= this.#smallRoom)) {
        if ((this.#hits[small] as number) < HITS_TO_STAY) return small;
        this.#hits[small] = 0;
        this.#lists.move(MAIN, small);
        this.#listOf[small] = MAIN;
        this.#lighten(small);
      } else if (main === NO_SLOT) return this.#newest;
      else if (this.#hits[main] === 0) return main;
      else {
        this.#hits[main] = (this.#hits[main] as number) - 1;
        this.#lists.move(MAIN, main);
      }
    }
  }

  #oldest(list: number): Slot {
    const slot = this.#lists.first(list);
    return slot !== NO_SLOT && slot === this.#newest ? this.#lists.after(slot) : slot;
  }

  #lighten(slot: Slot): void {
    this.#smallWeight = this.#lists.isEmpty(SMALL) ? 0 : this.#smallWeight - this.#weights.of(slot);
  }

  #haunt(slot: Slot): void {
    const weight = this.#weights.of(slot);
    if (!(weight > 0 && weight <= this.#ghostRoom)) return;
    this.#ghosts.add(GHOSTS, this.#hashes.of(slot), weight);
    while (this.#ghosts.weightIn(GHOSTS) > this.#ghostRoom) this.#ghosts.drop(this.#ghosts.oldest(GHOSTS));
  }
}
