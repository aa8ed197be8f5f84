/*
 * SIEVE: a queue with a hand that takes away who was not asked for since it last passed.
 *
 * Problem: moving an entry on each hit costs, and what a move buys is mostly that one-hit wonders leave early.
 * Idea: entries stand in the order in which they came and never move; a hit marks them. The hand walks from old to new, clears marks, and stops
 * at the first entry without one: that is the victim. It stays where it stopped, so newcomers are judged soon and survivors are left alone.
 * The newcomer is in before room is made; the hand turns round before it, as in the paper, where it comes last.
 * Cost: a hit writes one byte; eviction is amortised O(1). 9 bytes a slot.
 * Does not: resist scans longer than the cache, fall back from what was popular once as fast as LRU, or see weights: who is heavy is worth as much.
 * Paper: Zhang, Yang, Yue, Vigfusson and Rashmi 2024, "SIEVE is simpler than LRU", section 3.
 */
import { grown } from './grown.ts';
import { NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { SlotLists } from './slot-lists.ts';

const QUEUE = 0;

export function sieve(): PolicyFactory {
  return () => new Sieve();
}

class Sieve implements Policy {
  readonly name = 'sieve';
  readonly #lists = new SlotLists(1);
  #wasAsked: Uint8Array = new Uint8Array(64);
  /** Where the hand goes on; NO_SLOT is the old end. */
  #hand: Slot = NO_SLOT;
  #newest: Slot = NO_SLOT;

  insert(slot: Slot): void {
    if (slot >= this.#wasAsked.length) this.#wasAsked = grown(this.#wasAsked, slot);
    this.#wasAsked[slot] = 0;
    this.#lists.push(QUEUE, slot);
    this.#newest = slot;
  }

  touch(slot: Slot): void {
    if (this.#lists.has(slot)) this.#wasAsked[slot] = 1;
  }

  resize(): void {}

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    if (slot === this.#hand) {
      const after = this.#lists.after(slot);
      this.#hand = after === this.#newest ? NO_SLOT : after;
    }
    if (slot === this.#newest) this.#newest = NO_SLOT;
    this.#lists.unlink(slot);
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.#sweep() : NO_SLOT;
    if (slot === NO_SLOT) this.#newest = NO_SLOT;
    else this.remove(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#lists.forEach(QUEUE, visit);
  }

  #sweep(): Slot {
    const lists = this.#lists;
    let slot = this.#hand;
    for (;;) {
      if (slot === NO_SLOT || slot === this.#newest) slot = lists.first(QUEUE);
      if (slot === NO_SLOT || this.#wasAsked[slot] === 0) break;
      this.#wasAsked[slot] = 0;
      slot = lists.after(slot);
    }
    this.#hand = slot;
    return slot;
  }
}
