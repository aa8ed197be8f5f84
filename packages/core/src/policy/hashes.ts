import { grown } from './grown.ts';
import type { HashOf, Slot } from './policy.ts';

/** The hash of each resident: the store's own, if it lends them, or kept here for 4 bytes a slot. */
export class Hashes {
  readonly #hashOf: HashOf | undefined;
  #kept: Int32Array = new Int32Array(0);

  constructor(hashOf: HashOf | undefined) {
    this.#hashOf = hashOf;
    if (hashOf === undefined) this.#kept = new Int32Array(64);
  }

  keep(slot: Slot, hash: number): void {
    if (this.#hashOf !== undefined) return;
    if (slot >= this.#kept.length) this.#kept = grown(this.#kept, slot);
    this.#kept[slot] = hash;
  }

  /** 32 bits, signed or not. Of a slot that is in the store. */
  of(slot: Slot): number {
    return this.#hashOf === undefined ? (this.#kept[slot] as number) : this.#hashOf(slot);
  }
}
