/*
 * Least frequently used, with ageing.
 *
 * Problem: recency forgets what is asked for steadily but not just now; plain counting never forgets, and drowns in what was popular once.
 * Idea: one list of slots for each count, in order of last use; a touch moves a slot to the next list, the victim is the coldest of the lowest
 * list that is not empty. When there have been ten requests an entry, every count is halved: list 2n and 2n + 1 are spliced into list n.
 * The newcomer has had no chance to be asked for again, so while room is made for it, it is spared as long as there is anyone else.
 * Cost: O(1) an operation (finding the lowest list looks at no more than 256 heads), 9 bytes a slot; halving is amortised O(1).
 * Does not: know the past of what it does not hold, refuse anyone, or order counts above 255.
 * Papers: Shah, Mitra and Matani 2010 (lists of counts); Robinson and Devarakonda 1990 (ageing by halving).
 */
import { grown } from './grown.ts';
import { NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { SlotLists } from './slot-lists.ts';

const LISTS = 256;
const MOST = LISTS - 1;
/** As in TinyLFU (Einziger et al. 2017, section 3.3): ten samples an entry. */
const REQUESTS_PER_ENTRY = 10;

export function lfu(): PolicyFactory {
  return () => new Lfu();
}

class Lfu implements Policy {
  readonly name = 'lfu';
  readonly #lists = new SlotLists(LISTS);
  #counts: Uint8Array = new Uint8Array(64);
  #entries = 0;
  #requests = 0;
  #newest: Slot = NO_SLOT;

  insert(slot: Slot): void {
    if (slot >= this.#counts.length) this.#counts = grown(this.#counts, slot);
    this.#entries++;
    this.#newest = slot;
    this.#counts[slot] = 1;
    this.#lists.push(1, slot);
    this.#age();
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    const count = Math.min(MOST, (this.#counts[slot] as number) + 1);
    this.#counts[slot] = count;
    this.#lists.move(count, slot);
    this.#age();
  }

  resize(): void {}

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#entries--;
    this.#lists.unlink(slot);
    if (slot === this.#newest) this.#newest = NO_SLOT;
  }

  victim(): Slot {
    for (let count = 0; count < LISTS; count++) {
      const slot = this.#lists.first(count);
      const other = slot !== NO_SLOT && slot === this.#newest ? this.#lists.after(slot) : slot;
      if (other !== NO_SLOT) return other;
    }
    return this.#newest;
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.victim() : NO_SLOT;
    if (slot === NO_SLOT) this.#newest = NO_SLOT;
    else this.remove(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    for (let count = 0; count < LISTS; count++) this.#lists.forEach(count, visit);
  }

  #age(): void {
    if (++this.#requests < this.#entries * REQUESTS_PER_ENTRY) return;
    this.#requests = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) this.#counts[slot] = (this.#counts[slot] as number) >>> 1;
    this.#lists.append(1, 0);
    for (let count = 1; count < LISTS / 2; count++) {
      this.#lists.append(2 * count, count);
      this.#lists.append(2 * count + 1, count);
    }
  }
}
