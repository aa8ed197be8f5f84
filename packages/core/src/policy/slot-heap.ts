/*
 * A heap of slots that can be left from the middle.
 *
 * Problem: policies that give each entry a number need the least of them, while numbers change at every request.
 * Idea: a binary heap in an Int32Array, and beside it where each slot stands, so that a slot is found in O(1) and sinks or rises from there.
 * Cost: O(log n) a change, O(1) to see the first; 16 bytes a slot, grown on demand.
 * Does not: keep the order of slots of equal priority.
 * Paper: Williams 1964, "Algorithm 232: Heapsort".
 */
import { grown } from './grown.ts';
import { NO_SLOT, type Slot } from './policy.ts';

export class SlotHeap {
  #heap: Int32Array = new Int32Array(64);
  /** Place in the heap + 1, or 0. */
  #places: Int32Array = new Int32Array(64);
  #priorities: Float64Array = new Float64Array(64);
  #size = 0;

  has(slot: Slot): boolean {
    return slot < this.#places.length && this.#places[slot] !== 0;
  }

  /** The slot of the least priority, or NO_SLOT. */
  first(): Slot {
    return this.#size === 0 ? NO_SLOT : (this.#heap[0] as number);
  }

  priorityOf(slot: Slot): number {
    return this.#priorities[slot] as number;
  }

  /** Adds a slot that is not in it. */
  push(slot: Slot, priority: number): void {
    if (slot >= this.#places.length) {
      this.#places = grown(this.#places, slot);
      this.#priorities = grown(this.#priorities, slot);
    }
    if (this.#size === this.#heap.length) this.#heap = grown(this.#heap, this.#size);
    this.#priorities[slot] = priority;
    this.#rise(this.#size++, slot);
  }

  change(slot: Slot, priority: number): void {
    const before = this.#priorities[slot] as number;
    const at = (this.#places[slot] as number) - 1;
    this.#priorities[slot] = priority;
    if (priority < before) this.#rise(at, slot);
    else this.#sink(at, slot);
  }

  remove(slot: Slot): void {
    const at = (this.#places[slot] as number) - 1;
    const last = this.#heap[--this.#size] as number;
    this.#places[slot] = 0;
    if (last === slot) return;
    if ((this.#priorities[last] as number) < (this.#priorities[slot] as number)) this.#rise(at, last);
    else this.#sink(at, last);
  }

  /** Visits all, the least priority first. O(n log n), and a copy. */
  forEach(visit: (slot: Slot) => void): void {
    const slots = this.#heap.slice(0, this.#size);
    for (const slot of slots.sort((a, b) => this.priorityOf(a) - this.priorityOf(b))) visit(slot);
  }

  #rise(from: number, slot: Slot): void {
    const heap = this.#heap;
    const priority = this.#priorities[slot] as number;
    let at = from;
    while (at > 0) {
      const parent = heap[(at - 1) >>> 1] as number;
      if ((this.#priorities[parent] as number) <= priority) break;
      this.#seat(at, parent);
      at = (at - 1) >>> 1;
    }
    this.#seat(at, slot);
  }

  #sink(from: number, slot: Slot): void {
    const heap = this.#heap;
    const priorities = this.#priorities;
    const priority = priorities[slot] as number;
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      if (
        right < this.#size &&
        (priorities[heap[right] as number] as number) < (priorities[heap[child] as number] as number)
      )
        child = right;
      const lesser = heap[child] as number;
      if ((priorities[lesser] as number) >= priority) break;
      this.#seat(at, lesser);
      at = child;
    }
    this.#seat(at, slot);
  }

  #seat(at: number, slot: Slot): void {
    this.#heap[at] = slot;
    this.#places[slot] = at + 1;
  }
}
