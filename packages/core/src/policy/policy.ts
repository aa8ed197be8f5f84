/** Index of an entry in its store: dense, from 0, reused after remove or evict. */
export type Slot = number;

export const NO_SLOT = -1;

/** Decides who leaves. Sees slots, 32-bit hashes and weights, never keys or values. Knows no clock, no store. */
export interface Policy {
  readonly name: string;
  /**
   * A new entry of `weight` (bytes, or 1 when the store counts entries). `hash` is the key's seeded {@link hashKey}; `cost` is the milliseconds that
   * its load took, 0 when nobody knows. Counts as a request for the key: what is stored is what was asked for and missed.
   */
  insert(slot: Slot, hash: number, weight: number, cost?: number): void;
  /** The entry was asked for. */
  touch(slot: Slot): void;
  /** The entry's value was replaced by one of `weight` and `cost`. No request: whoever wanted the new value has touched the old one. */
  resize(slot: Slot, weight: number, cost?: number): void;
  /** The entry left by other means (deleted, expired). */
  remove(slot: Slot): void;
  /**
   * Forgets and returns who leaves next: asked after every insert and resize until it answers NO_SLOT. With `roomNeeded` (the store is over its
   * capacity) it must name someone while it knows anyone; without, only an entry that the policy does not want, if any. The newest slot itself means: not admitted.
   */
  evict(roomNeeded: boolean): Slot;
  /** Whom `evict(true)` would name now, leaving no trace; `admitAbove('auto', …)` needs it of its inner policy. */
  victim?(): Slot;
  /** Visits everyone once, first whom it would rather let go: the order in which another policy should take them over. `visit` must not change this one. */
  forEach?(visit: (slot: Slot) => void): void;
}

/** The hash that a slot was inserted with, for as long as it is in the store. */
export type HashOf = (slot: Slot) => number;

/**
 * Makes a policy for a store of `capacity` (the sum of weights that fits), 0 to Infinity. `unit` tells what weights count, if the store says so.
 * `hashOf` reads the hashes that the store keeps anyway; without it a policy that needs them again keeps its own. Stores call it once, and anew when they are cleared.
 */
export type PolicyFactory = (capacity: number, unit?: 'bytes' | 'entries', hashOf?: HashOf) => Policy;
