/*
 * Doubly linked lists of slots without objects.
 *
 * Problem: every policy orders slots, moves one on each access, and must not allocate for it.
 * Idea: two Int32Arrays hold the neighbours of each slot. Each list is a ring through a sentinel that lives in the same arrays, so linking has
 * no special cases and a slot need not know which list it is in to leave it. A slot is in at most one list.
 * Cost: 8 bytes a slot, grown on demand; every operation but growing is O(1).
 * Does not: check that a slot is linked before it moves; callers ask `has` where they cannot know.
 */
import { lengthFor } from './grown.ts';
import { NO_SLOT, type Slot } from './policy.ts';

const UNLINKED = -1;

/** `lists` rings, named 0 to `lists` - 1; each runs from its first (coldest) to its last (hottest) slot. */
export class SlotLists {
  readonly #lists: number;
  #next: Int32Array;
  #previous: Int32Array;

  constructor(lists: number) {
    this.#lists = lists;
    this.#next = new Int32Array(lists + 64).fill(UNLINKED);
    this.#previous = new Int32Array(lists + 64).fill(UNLINKED);
    for (let list = 0; list < lists; list++) this.#join(list, list);
  }

  has(slot: Slot): boolean {
    const at = slot + this.#lists;
    return at < this.#next.length && this.#next[at] !== UNLINKED;
  }

  isEmpty(list: number): boolean {
    return this.#next[list] === list;
  }

  /** The coldest slot of `list`, or NO_SLOT. */
  first(list: number): Slot {
    const at = this.#next[list] as number;
    return at === list ? NO_SLOT : at - this.#lists;
  }

  /** The next hotter slot in `slot`'s list, or NO_SLOT. */
  after(slot: Slot): Slot {
    const at = (this.#next[slot + this.#lists] as number) - this.#lists;
    return at < 0 ? NO_SLOT : at;
  }

  /** Links an unlinked slot as the hottest of `list`. */
  push(list: number, slot: Slot): void {
    const at = slot + this.#lists;
    if (at >= this.#next.length) this.#grow(at);
    const last = this.#previous[list] as number;
    this.#join(last, at);
    this.#join(at, list);
  }

  /** Unlinks; a slot that is in no list stays so. */
  unlink(slot: Slot): void {
    if (!this.has(slot)) return;
    const at = slot + this.#lists;
    this.#join(this.#previous[at] as number, this.#next[at] as number);
    this.#next[at] = UNLINKED;
  }

  /** Moves a linked slot to the hot end of `list`. */
  move(list: number, slot: Slot): void {
    const at = slot + this.#lists;
    this.#join(this.#previous[at] as number, this.#next[at] as number);
    const last = this.#previous[list] as number;
    this.#join(last, at);
    this.#join(at, list);
  }

  /** Moves all of `from`, in order, to the hot end of `to`. */
  append(from: number, to: number): void {
    if (this.isEmpty(from)) return;
    const first = this.#next[from] as number;
    const last = this.#previous[from] as number;
    this.#join(this.#previous[to] as number, first);
    this.#join(last, to);
    this.#join(from, from);
  }

  /** Visits `list` from its coldest to its hottest slot. `visit` must leave the lists alone. */
  forEach(list: number, visit: (slot: Slot) => void): void {
    for (let slot = this.first(list); slot !== NO_SLOT; slot = this.after(slot)) visit(slot);
  }

  #join(cold: number, hot: number): void {
    this.#next[cold] = hot;
    this.#previous[hot] = cold;
  }

  #grow(at: number): void {
    const length = lengthFor(at, this.#next.length);
    const next = new Int32Array(length).fill(UNLINKED);
    const previous = new Int32Array(length).fill(UNLINKED);
    next.set(this.#next);
    previous.set(this.#previous);
    this.#next = next;
    this.#previous = previous;
  }
}
