/*
 * The local tier: live values in this process, a hit costs a map look-up and a few array reads.
 *
 * Problem: keep as many entries as fit, hand them out without copying, and let the policy say who leaves.
 * Idea: a Map gives each key a small integer, its slot. Everything else about an entry stands in arrays at that slot, and the policy knows
 * slots only. Time needs no timer: what has expired is dropped when somebody asks for it, and each write moves a hand over two slots, so that
 * after half as many writes as there are slots every expired entry has left.
 * Cost: a get allocates nothing. A set is a Map write, a hash of the key, and what the policy takes; O(1) but for growing arrays.
 * Does not: copy values (who changes a value that was handed out changes it for all), spill to disk, or measure live values exactly.
 */
import { randomInt } from 'node:crypto';
import {
  type Clock,
  checkFunction,
  checkInteger,
  checkKnown,
  checkMethods,
  type Departure,
  type Entry,
  type EpochMs,
  hashKey,
  invalidOption,
  type LocalStats,
  type LocalStore,
  NO_SLOT,
  type Policy,
  type PolicyFactory,
  parseSize,
  type Size,
  type Slot,
  type Space,
  systemClock,
  wTinyLfu,
} from '@kvasir/core';

export interface MemoryOptions {
  /** Bound on the sum of value sizes, keys and bookkeeping. Default '64MB', when `maxEntries` is not given either. */
  readonly maxBytes?: Size;
  /** Bound on the number of entries, whatever their size. Give this or `maxBytes`, not both: a policy has one measure of room. */
  readonly maxEntries?: number;
  /** Default `wTinyLfu({ window: 0.2 })`. */
  readonly policy?: PolicyFactory;
  readonly clock?: Clock;
}

export const DEFAULTS: { readonly maxBytes: Size; readonly policy: PolicyFactory } = {
  maxBytes: '64MB',
  // Worst against LRU on recorded traces: 6.8 points below it, with the paper's 1 % window 15.8; docs/decisions.md.
  policy: wTinyLfu({ window: 0.2 }),
};

/**
 * Bytes of bookkeeping an entry: its Entry object with boxed instants, map cell, slot, and what the policy keeps. Measured with 100,000 to
 * 300,000 entries, heap and array buffers after a collection: 243 to 255 with LRU or LFU, 278 to 311 with W-TinyLFU (docs/decisions.md).
 */
const OVERHEAD = 300;
/** Two bytes a character: V8's worst case, as in `sizeOf`. */
const BYTES_PER_CHARACTER = 2;
const SWEPT_PER_SET = 2;
/** A Map throws at 2^24 entries. */
const MOST_ENTRIES = 2 ** 24 - 1;

/** Throws INVALID_OPTION. The store is empty and owned by the caller; it holds no timer and needs no closing. */
export function memory(options: MemoryOptions = {}): LocalStore {
  checkKnown('memory()', options, ['maxBytes', 'maxEntries', 'policy', 'clock']);
  checkFunction('memory() policy', options.policy);
  checkMethods('memory() clock', options.clock, ['now', 'after']);
  if (options.maxEntries !== undefined) {
    if (options.maxBytes !== undefined)
      throw invalidOption('memory() maxEntries', 'no maxBytes beside it', options.maxEntries);
    checkInteger('memory() maxEntries', options.maxEntries, 0);
  }
  const capacity = options.maxEntries ?? parseSize('memory() maxBytes', options.maxBytes ?? DEFAULTS.maxBytes);
  const unit = options.maxEntries === undefined ? 'bytes' : 'entries';
  const policy = (options.policy ?? DEFAULTS.policy)(capacity, unit);
  return new MemoryStore(capacity, unit, policy, options.clock ?? systemClock);
}

class MemoryStore implements LocalStore {
  readonly kind = 'local';
  readonly name = 'memory';
  onDeparture: ((key: string, reason: Departure, space: Space) => void) | undefined;

  readonly #capacity: number;
  readonly #countsBytes: boolean;
  readonly #policy: Policy;
  readonly #clock: Clock;
  readonly #seed = randomInt(2 ** 32);
  readonly #indexes = new Map<Space, Map<string, Slot>>();
  readonly #keys: string[] = [];
  readonly #spaces: Space[] = [];
  readonly #entries: (Entry | undefined)[] = [];
  readonly #bytesAt: number[] = [];
  readonly #free: Slot[] = [];
  #hand = 0;
  #size = 0;
  #bytes = 0;
  #evictions = 0;
  #expirations = 0;
  #rejections = 0;

  constructor(capacity: number, unit: 'bytes' | 'entries', policy: Policy, clock: Clock) {
    this.#capacity = capacity;
    this.#countsBytes = unit === 'bytes';
    this.#policy = policy;
    this.#clock = clock;
  }

  get stats(): LocalStats {
    return {
      entries: this.#size,
      bytes: this.#bytes,
      evictions: this.#evictions,
      expirations: this.#expirations,
      rejections: this.#rejections,
    };
  }

  get(key: string, space = 0): Entry | undefined {
    const slot = this.#find(key, space);
    if (slot === NO_SLOT) return undefined;
    const entry = this.#entries[slot];
    if (entry === undefined || this.#clock.now() >= entry.expiresAt) {
      this.#depart(slot, 'expire');
      return undefined;
    }
    this.#policy.touch(slot);
    return entry;
  }

  getFresh(key: string, space = 0, margin = 0): unknown {
    const slot = this.#find(key, space);
    const entry = this.#entries[slot];
    if (entry === undefined || entry.tags.length > 0) return undefined;
    const { value, cost, staleAt, expiresAt } = entry;
    const now = this.#clock.now();
    if (value === undefined || !(now + margin * cost < staleAt && now < expiresAt)) return undefined;
    this.#policy.touch(slot);
    return value;
  }

  peek(key: string, space = 0): Entry | undefined {
    const entry = this.#entries[this.#find(key, space)];
    return entry === undefined || this.#clock.now() >= entry.expiresAt ? undefined : entry;
  }

  set(key: string, entry: Entry, space = 0): void {
    const now = this.#clock.now();
    this.#sweep(now);
    const bytes = entry.size + key.length * BYTES_PER_CHARACTER + OVERHEAD;
    const weight = this.#countsBytes ? bytes : 1;
    const isOver = now >= entry.expiresAt;
    if (isOver || !(weight <= this.#capacity)) {
      this.delete(key, space);
      return this.#count(key, isOver ? 'expire' : 'reject', space);
    }
    const held = this.#find(key, space);
    const slot = held === NO_SLOT ? (this.#free.pop() ?? this.#keys.length) : held;
    this.#bytes += bytes - (held === NO_SLOT ? 0 : (this.#bytesAt[slot] ?? 0));
    this.#entries[slot] = entry;
    this.#bytesAt[slot] = bytes;
    if (held === NO_SLOT) {
      this.#indexOf(space).set(key, slot);
      this.#keys[slot] = key;
      this.#spaces[slot] = space;
      this.#size++;
      this.#policy.insert(slot, hashKey(key, this.#seed ^ Math.imul(space, 0x9e3779b1)), weight, entry.cost);
    } else this.#policy.resize(slot, weight, entry.cost);
    this.#makeRoom(slot);
  }

  delete(key: string, space = 0): boolean {
    const slot = this.#find(key, space);
    if (slot === NO_SLOT) return false;
    this.#policy.remove(slot);
    this.#release(slot);
    return true;
  }

  clear(): void {
    for (const index of this.#indexes.values()) for (const slot of index.values()) this.#policy.remove(slot);
    this.#indexes.clear();
    this.#keys.length = 0;
    this.#spaces.length = 0;
    this.#entries.length = 0;
    this.#bytesAt.length = 0;
    this.#free.length = 0;
    this.#hand = 0;
    this.#size = 0;
    this.#bytes = 0;
  }

  #find(key: string, space: Space): Slot {
    return this.#indexes.get(space)?.get(key) ?? NO_SLOT;
  }

  #indexOf(space: Space): Map<string, Slot> {
    let index = this.#indexes.get(space);
    if (index === undefined) this.#indexes.set(space, (index = new Map()));
    return index;
  }

  #makeRoom(newest: Slot): void {
    for (;;) {
      const used = this.#countsBytes ? this.#bytes : this.#size;
      const slot = this.#policy.evict(used > this.#capacity || this.#size >= MOST_ENTRIES);
      const key = this.#keys[slot];
      if (key === undefined || this.#entries[slot] === undefined) return;
      this.#release(slot);
      this.#count(key, slot === newest ? 'reject' : 'evict', this.#spaces[slot] ?? 0);
    }
  }

  #sweep(now: EpochMs): void {
    for (let step = 0; step < SWEPT_PER_SET && this.#size > 0; step++) {
      if (this.#hand >= this.#keys.length) this.#hand = 0;
      const slot = this.#hand++;
      const entry = this.#entries[slot];
      if (entry !== undefined && now >= entry.expiresAt) this.#depart(slot, 'expire');
    }
  }

  #depart(slot: Slot, reason: Departure): void {
    const key = this.#keys[slot] ?? '';
    this.#policy.remove(slot);
    this.#release(slot);
    this.#count(key, reason, this.#spaces[slot] ?? 0);
  }

  #release(slot: Slot): void {
    this.#indexes.get(this.#spaces[slot] ?? 0)?.delete(this.#keys[slot] ?? '');
    this.#size--;
    this.#keys[slot] = '';
    this.#entries[slot] = undefined;
    this.#bytes -= this.#bytesAt[slot] ?? 0;
    this.#free.push(slot);
  }

  #count(key: string, reason: Departure, space: Space): void {
    if (reason === 'evict') this.#evictions++;
    else if (reason === 'expire') this.#expirations++;
    else this.#rejections++;
    this.onDeparture?.(key, reason, space);
  }
}
