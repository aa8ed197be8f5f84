/** Index of an entry in its store: dense, from 0, reused after remove or evict. */
export type Slot = number;

export const NO_SLOT = -1;

/** Decides who leaves. Sees slots, 32-bit hashes and weights, never keys or values. Knows no clock, no store. */
export interface Policy {
  readonly name: string;
  /** A new entry of `weight` (bytes, or 1 when the store counts entries). `hash` is the key's {@link hashKey}. */
  insert(slot: Slot, hash: number, weight: number): void;
  /** The entry was asked for. */
  touch(slot: Slot): void;
  /** The entry left by other means (deleted, expired, replaced). */
  remove(slot: Slot): void;
  /**
   * Forgets and returns who leaves next: asked after every insert until it answers NO_SLOT. With `roomNeeded` (the store is over its
   * capacity) it must name someone while it knows anyone; without, only an entry that the policy does not want, if any. The newest slot itself means: not admitted.
   */
  evict(roomNeeded: boolean): Slot;
  /** Whom `evict(true)` would name now, leaving no trace; `admitAbove('auto', …)` needs it of its inner policy. */
  victim?(): Slot;
}

/**
 * Makes a policy for a store of `capacity` (the sum of weights that fits), 0 to Infinity. `unit` tells what weights count, if the store says so.
 * Stores call it once; `lru`, `lfu`, `wTinyLfu`, `admitAbove(θ, …)`.
 */
export type PolicyFactory = (capacity: number, unit?: 'bytes' | 'entries') => Policy;
