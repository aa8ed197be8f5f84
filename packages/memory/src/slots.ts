import { type Entry, type EpochMs, NO_SLOT, type Slot, type Space } from '@kvasir/core';
import type { Keyed } from './key-index.ts';
import { BLOCK_BITS, PAGE_BITS, PAGE_MASK, PAGE_SLOTS, Page } from './page.ts';

const FIRST_SLOTS = 64;

/** The places of a store's entries: dense from 0, in pages that are begun as they are needed. */
export class Slots implements Keyed {
  readonly pages: Page[] = [];
  /** Slots that were ever taken since the last `clear`, and the blocks of 64 in which they are. */
  used = 0;
  blocks = 0;
  readonly #mostExpected: number;
  #free: Slot[] = [];

  /** More than `mostExpected` are given too. */
  constructor(mostExpected: number) {
    this.#mostExpected = mostExpected;
  }

  take(now: EpochMs): Slot {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slot = this.used++;
    const page = (this.pages[slot >>> PAGE_BITS] ??= new Page(now));
    const at = slot & PAGE_MASK;
    this.blocks = (slot >>> BLOCK_BITS) + 1;
    if (at >= page.capacity) page.grow(this.#capacityFor(slot - at, page.capacity));
    return slot;
  }

  giveBack(slot: Slot): void {
    this.pageOf(slot).forget(slot & PAGE_MASK);
    this.#free.push(slot);
  }

  clear(): void {
    this.pages.length = 0;
    this.#free = [];
    this.used = 0;
    this.blocks = 0;
  }

  pageOf(slot: Slot): Page {
    return this.pages[slot >>> PAGE_BITS] as Page;
  }

  isTaken(slot: Slot): boolean {
    return slot !== NO_SLOT && slot < this.used && this.pageOf(slot).isTaken(slot & PAGE_MASK);
  }

  holds(slot: Slot, key: string, space: Space): boolean {
    const page = this.pages[slot >>> PAGE_BITS] as Page;
    const at = slot & PAGE_MASK;
    return page.pairs[2 * at] === key && page.spaceAt(at) === space;
  }

  keyOf(slot: Slot): string {
    return this.pageOf(slot).pairs[2 * (slot & PAGE_MASK)] as string;
  }

  spaceOf(slot: Slot): Space {
    return this.pageOf(slot).spaceAt(slot & PAGE_MASK);
  }

  hashOf(slot: Slot): number {
    return this.pageOf(slot).hashAt(slot & PAGE_MASK);
  }

  sizeOf(slot: Slot): number {
    return this.pageOf(slot).sizeAt(slot & PAGE_MASK);
  }

  expiryOf(slot: Slot): EpochMs {
    return this.pageOf(slot).expiryAt(slot & PAGE_MASK);
  }

  read(slot: Slot): Entry {
    return this.pageOf(slot).read(slot & PAGE_MASK);
  }

  #capacityFor(firstOfPage: Slot, capacity: number): number {
    const expected = this.#mostExpected - firstOfPage;
    const doubled = Math.min(PAGE_SLOTS, Math.max(FIRST_SLOTS, 2 * capacity));
    return expected > capacity && expected < doubled ? expected : doubled;
  }
}
