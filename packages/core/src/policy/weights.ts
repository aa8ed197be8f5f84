import { grown } from './grown.ts';
import type { Slot } from './policy.ts';

/** The weight of each slot: 8 bytes, or nothing in a store that counts entries, where each weighs 1. */
export class Weights {
  readonly #counts: boolean;
  #weights: Float64Array = new Float64Array(0);

  constructor(unit: 'bytes' | 'entries' | undefined) {
    this.#counts = unit === 'entries';
    if (!this.#counts) this.#weights = new Float64Array(64);
  }

  set(slot: Slot, weight: number): void {
    if (this.#counts) return;
    if (slot >= this.#weights.length) this.#weights = grown(this.#weights, slot);
    this.#weights[slot] = weight;
  }

  of(slot: Slot): number {
    return this.#counts ? 1 : (this.#weights[slot] as number);
  }
}
