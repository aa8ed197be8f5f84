/*
 * ARC: a cache that tunes itself between recency and frequency.
 *
 * Problem: LRU is flushed by scans, LFU is blind to what is new, and every fixed split between the two is wrong for somebody.
 * Idea: two lists in order of use, one of entries that were asked for once, one of entries that were asked for more often, and behind each the
 * ghosts that left it. A miss that finds a ghost says which of the two lists was too short, and moves the target between them that way: by its
 * weight, times how much rarer ghosts of that side are. The victim comes from the list that exceeds its target.
 * The newcomer is in before room is made; it is spared, and does not count as part of its list, as in the paper, where it comes last.
 * Entries and ghosts of the first list together weigh no more than the capacity, of both lists twice that.
 * Cost: O(1) an operation; 9 bytes a slot, 4 for its hash unless the store lends it, 8 where weights differ, and as many ghosts as entries.
 * Does not: see how often beyond twice, weigh frequency by size, or refuse anyone.
 * Paper: Megiddo and Modha 2003, "ARC: a self-tuning, low overhead replacement cache", figure 4.
 */
import { Ghosts, NO_GHOST } from './ghosts.ts';
import { grown } from './grown.ts';
import { Hashes } from './hashes.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { SlotLists } from './slot-lists.ts';
import { Weights } from './weights.ts';

/** T1 and B1 of the paper. */
const ONCE = 0;
/** T2 and B2. */
const OFTEN = 1;

export function arc(): PolicyFactory {
  return (capacity, unit, hashOf) => new Arc(capacity, unit, hashOf);
}

class Arc implements Policy {
  readonly name = 'arc';
  readonly #capacity: number;
  readonly #lists = new SlotLists(2);
  readonly #ghosts: Ghosts;
  readonly #weights: Weights;
  readonly #hashes: Hashes;
  #listOf: Uint8Array = new Uint8Array(64);
  #onceWeight = 0;
  #oftenWeight = 0;
  /** What ONCE should weigh; p of the paper. */
  #target = 0;
  #newest: Slot = NO_SLOT;
  #newestWasOften = false;

  constructor(capacity: number, unit: 'bytes' | 'entries' | undefined, hashOf: HashOf | undefined) {
    this.#capacity = capacity;
    this.#ghosts = new Ghosts(2, unit);
    this.#weights = new Weights(unit);
    this.#hashes = new Hashes(hashOf);
  }

  insert(slot: Slot, hash: number, weight: number): void {
    if (slot >= this.#listOf.length) this.#listOf = grown(this.#listOf, slot);
    this.#weights.set(slot, weight);
    this.#hashes.keep(slot, hash);
    const ghost = this.#ghosts.find(hash);
    const list = ghost === NO_GHOST ? ONCE : OFTEN;
    this.#newest = slot;
    this.#newestWasOften = ghost !== NO_GHOST && this.#ghosts.listOf(ghost) === OFTEN;
    if (ghost !== NO_GHOST) {
      this.#learn(this.#newestWasOften, weight);
      this.#ghosts.drop(ghost);
    }
    this.#lists.push(list, slot);
    this.#listOf[slot] = list;
    this.#weigh(list, weight);
    this.#trim();
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#lists.move(OFTEN, slot);
    if (this.#listOf[slot] === OFTEN) return;
    const weight = this.#weights.of(slot);
    this.#listOf[slot] = OFTEN;
    this.#weigh(ONCE, -weight);
    this.#weigh(OFTEN, weight);
  }

  resize(slot: Slot, weight: number): void {
    if (!this.#lists.has(slot)) return;
    this.#weigh(this.#listOf[slot] as number, weight - this.#weights.of(slot));
    this.#weights.set(slot, weight);
  }

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#lists.unlink(slot);
    this.#weigh(this.#listOf[slot] as number, -this.#weights.of(slot));
    if (slot === this.#newest) this.#newest = NO_SLOT;
  }

  victim(): Slot {
    const once = this.#coldest(ONCE);
    const often = this.#coldest(OFTEN);
    if (once === NO_SLOT) return often === NO_SLOT ? this.#newest : often;
    if (often === NO_SLOT) return once;
    const newestIsOnce = this.#newest !== NO_SLOT && this.#listOf[this.#newest] === ONCE;
    const excess = this.#onceWeight - (newestIsOnce ? this.#weights.of(this.#newest) : 0) - this.#target;
    return excess > 0 || (excess === 0 && this.#newestWasOften) ? once : often;
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.victim() : NO_SLOT;
    if (slot === NO_SLOT) {
      this.#newest = NO_SLOT;
      this.#newestWasOften = false;
      return NO_SLOT;
    }
    this.remove(slot);
    const weight = this.#weights.of(slot);
    if (weight > 0 && this.#capacity < Number.POSITIVE_INFINITY) {
      this.#ghosts.add(this.#listOf[slot] as number, this.#hashes.of(slot), weight);
      this.#trim();
    }
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#lists.forEach(ONCE, visit);
    this.#lists.forEach(OFTEN, visit);
  }

  #coldest(list: number): Slot {
    const slot = this.#lists.first(list);
    return slot !== NO_SLOT && slot === this.#newest ? this.#lists.after(slot) : slot;
  }

  #learn(wasOften: boolean, weight: number): void {
    const once = this.#ghosts.weightIn(ONCE);
    const often = this.#ghosts.weightIn(OFTEN);
    if (wasOften) this.#target = Math.max(0, this.#target - weight * Math.max(1, once / often));
    else this.#target = Math.min(this.#capacity, this.#target + weight * Math.max(1, often / once));
  }

  #trim(): void {
    const ghosts = this.#ghosts;
    while (ghosts.oldest(ONCE) !== NO_GHOST && this.#onceWeight + ghosts.weightIn(ONCE) > this.#capacity)
      ghosts.drop(ghosts.oldest(ONCE));
    const most = 2 * this.#capacity - this.#onceWeight - this.#oftenWeight;
    while (ghosts.size > 0 && ghosts.weightIn(ONCE) + ghosts.weightIn(OFTEN) > most)
      ghosts.drop(ghosts.oldest(ghosts.oldest(OFTEN) === NO_GHOST ? ONCE : OFTEN));
  }

  #weigh(list: number, more: number): void {
    if (list === ONCE) this.#onceWeight = this.#lists.isEmpty(ONCE) ? 0 : this.#onceWeight + more;
    else this.#oftenWeight = this.#lists.isEmpty(OFTEN) ? 0 : this.#oftenWeight + more;
  }
}
