/*
 * W-TinyLFU: a small LRU window before a frequency-guarded main cache.
 *
 * Problem: most keys are asked for once. LRU lets each of them push out something better; LFU keeps newcomers out until it is too late.
 * Idea: who comes enters a small window. Who leaves the window is a candidate and duels with the coldest entry of the main cache: the one that
 * the sketch has seen more often in the recent past stays, a tie keeps the resident. The main cache is a segmented LRU: a second use lifts an
 * entry from probation into the protected four fifths, from where the least recently used falls back. The sketch remembers keys that are not
 * held, so a key earns its place by being asked for, not by being there.
 * An entry heavier than the window passes it by and duels at once; one candidate may have to win several duels for its room.
 * Cost: O(1) an operation; 9 bytes a slot, 4 for its hash unless the store lends it, 8 for its weight where weights differ, and 16 bytes of sketch, grown on demand.
 * Does not: adapt the window to the workload (bursts of recency want 20 % and more), or weigh frequency by size.
 * Papers: Einziger, Friedman and Manes 2017, TinyLFU, sections 4.1 and 4.2; Karedla, Love and Wherry 1994 (segmented LRU); Einziger, Eytan,
 * Friedman and Manes 2022 (size-aware: a queue of victims).
 */
import { checkKnown, invalidOption } from '../options.ts';
import { grown } from './grown.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { Popularity } from './popularity.ts';
import { SlotLists } from './slot-lists.ts';
import { Weights } from './weights.ts';

export interface WTinyLfuOptions {
  /** Part of the capacity that newcomers pass through, 0 to 1. Default 0.01. */
  readonly window?: number;
}

/** Hit ratios are flat in it from 0.7 to 0.9 (TinyLFU, section 4.2). */
const PROTECTED_PART = 0.8;

const WINDOW = 0;
const CANDIDATES = 1;
const PROBATION = 2;
const PROTECTED = 3;
const LISTS = 4;

/** Throws INVALID_OPTION. */
export function wTinyLfu(options: WTinyLfuOptions = {}): PolicyFactory {
  checkKnown('wTinyLfu()', options, ['window']);
  const { window = 0.01 } = options;
  if (!(window >= 0 && window <= 1)) throw invalidOption('wTinyLfu() window', 'a number from 0 to 1', window);
  return (capacity, unit, hashOf) => new WTinyLfu(capacity, unit, window, hashOf);
}

/** With `popularity` it compares by what its owner counts there, and counts nothing itself. */
export class WTinyLfu implements Policy {
  readonly name = 'w-tiny-lfu';
  readonly #lists = new SlotLists(LISTS);
  readonly #popularity: Popularity;
  readonly #counts: boolean;
  readonly #weights: Weights;
  #listOf: Uint8Array = new Uint8Array(64);
  readonly #windowRoom: number;
  readonly #protectedRoom: number;
  #windowWeight = 0;
  #protectedWeight = 0;

  constructor(
    capacity: number,
    unit: 'bytes' | 'entries' | undefined,
    window: number,
    hashOf: HashOf | undefined,
    popularity?: Popularity,
  ) {
    this.#popularity = popularity ?? new Popularity(hashOf);
    this.#counts = popularity === undefined;
    this.#weights = new Weights(unit);
    this.#windowRoom =
      unit === 'entries' && window > 0 ? Math.max(1, Math.round(capacity * window)) : capacity * window;
    this.#protectedRoom = Math.max(0, capacity - this.#windowRoom) * PROTECTED_PART;
  }

  insert(slot: Slot, hash: number, weight: number): void {
    this.#settle();
    if (this.#counts) this.#popularity.request(slot, hash);
    if (slot >= this.#listOf.length) this.#listOf = grown(this.#listOf, slot);
    this.#weights.set(slot, weight);
    if (weight > this.#windowRoom) return this.#push(CANDIDATES, slot);
    this.#push(WINDOW, slot);
    while (this.#windowWeight > this.#windowRoom && !this.#lists.isEmpty(WINDOW))
      this.#move(CANDIDATES, this.#lists.first(WINDOW));
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    if (this.#counts) this.#popularity.count(slot);
    if (this.#listOf[slot] === WINDOW) return this.#lists.move(WINDOW, slot);
    this.#move(PROTECTED, slot);
    while (this.#protectedWeight > this.#protectedRoom && !this.#lists.isEmpty(PROTECTED))
      this.#move(PROBATION, this.#lists.first(PROTECTED));
  }

  resize(slot: Slot, weight: number): void {
    if (!this.#lists.has(slot)) return;
    this.#leave(slot);
    this.#weights.set(slot, weight);
    this.#join(this.#listOf[slot] ?? WINDOW, slot);
    while (this.#windowWeight > this.#windowRoom && !this.#lists.isEmpty(WINDOW))
      this.#move(CANDIDATES, this.#lists.first(WINDOW));
    while (this.#protectedWeight > this.#protectedRoom && !this.#lists.isEmpty(PROTECTED))
      this.#move(PROBATION, this.#lists.first(PROTECTED));
  }

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#leave(slot);
    this.#lists.unlink(slot);
  }

  victim(): Slot {
    const candidate = this.#lists.first(CANDIDATES);
    const probation = this.#lists.first(PROBATION);
    const resident = probation === NO_SLOT ? this.#lists.first(PROTECTED) : probation;
    if (resident === NO_SLOT) return candidate === NO_SLOT ? this.#lists.first(WINDOW) : candidate;
    if (candidate === NO_SLOT) return resident;
    return this.#popularity.of(candidate) > this.#popularity.of(resident) ? resident : candidate;
  }

  evict(roomNeeded: boolean): Slot {
    if (!roomNeeded) {
      this.#settle();
      return NO_SLOT;
    }
    const slot = this.victim();
    if (slot !== NO_SLOT) this.remove(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#lists.forEach(PROBATION, visit);
    this.#lists.forEach(CANDIDATES, visit);
    this.#lists.forEach(WINDOW, visit);
    this.#lists.forEach(PROTECTED, visit);
  }

  /** Candidates for whom there was room, or who won it, are in. */
  #settle(): void {
    for (let slot = this.#lists.first(CANDIDATES); slot !== NO_SLOT; slot = this.#lists.first(CANDIDATES))
      this.#move(PROBATION, slot);
  }

  #push(list: number, slot: Slot): void {
    this.#lists.push(list, slot);
    this.#join(list, slot);
  }

  #move(list: number, slot: Slot): void {
    this.#leave(slot);
    this.#lists.move(list, slot);
    this.#join(list, slot);
  }

  #join(list: number, slot: Slot): void {
    this.#listOf[slot] = list;
    if (list === WINDOW) this.#windowWeight += this.#weights.of(slot);
    else if (list === PROTECTED) this.#protectedWeight += this.#weights.of(slot);
  }

  #leave(slot: Slot): void {
    const list = this.#listOf[slot];
    if (list === WINDOW) this.#windowWeight -= this.#weights.of(slot);
    else if (list === PROTECTED) this.#protectedWeight -= this.#weights.of(slot);
  }
}
