/*
 * The local tier: live values in this process, for which a hit costs a hash, two or three cells of a table and a few reads.
 *
 * Problem: keep as many entries as fit in little more than what they are, hand them out without copying, and let the policy say who leaves.
 * Idea: one seeded hash of key and space finds the entry's slot (key-index.ts) and serves the policy. What an entry says stands in columns at
 * that slot (page.ts), and the policy knows slots only. What is over leaves block by block (sweep.ts).
 * Cost: a bare hit allocates nothing, `get` one Entry; a set hashes once and is O(1). Nothing stops for the whole store: pages are begun, not copied;
 * only the index doubles, a sequential pass, and `clear` drops what was there.
 * Does not: copy values (who changes a value that was handed out changes it for all), spill to disk, or measure live values exactly.
 */
import { randomInt } from 'node:crypto';
import {
  type Clock,
  type Departure,
  type Entry,
  type EpochMs,
  hashKey,
  type LocalStats,
  type LocalStore,
  NO_SLOT,
  type Policy,
  type PolicyFactory,
  ReuseSampler,
  type Slot,
  type Space,
  withCoarseNow,
} from '@kvasir/core';
import { checkEntry } from './check-entry.ts';
import { KeyIndex, MOST_INDEXED } from './key-index.ts';
import { ENDLESS, PAGE_BITS, PAGE_MASK, type Page } from './page.ts';
import { Slots } from './slots.ts';
import { Sweep } from './sweep.ts';

/**
 * Bytes of bookkeeping an entry: columns and index 44, the policy 8 to 27, the head of the key's string 16, and what stands empty. Measured with a
 * million entries with TTL (`npm run bench -- fill`, docs/decisions.md).
 */
const OVERHEAD = 100;
/** Two bytes a character: V8's worst case, as in `sizeOf`. */
const BYTES_PER_CHARACTER = 2;

export interface MemoryStoreSettings {
  readonly capacity: number;
  readonly unit: 'bytes' | 'entries';
  readonly policy: PolicyFactory;
  readonly clock: Clock;
  /** Default {@link hashKey}. */
  readonly hash?: (key: string, seed: number) => number;
}

export class MemoryStore implements LocalStore {
  readonly kind = 'local';
  readonly name = 'memory';
  onDeparture: ((key: string, reason: Departure, space: Space) => void) | undefined;

  /** From the first entry on. */
  reuse: ReuseSampler | undefined;
  readonly clock: Required<Clock>;
  readonly slots: Slots;
  readonly #settings: MemoryStoreSettings;
  readonly #capacity: number;
  readonly #countsBytes: boolean;
  readonly #hash: (key: string, seed: number) => number;
  readonly #seed = randomInt(2 ** 32);
  readonly #index: KeyIndex;
  readonly #sweep: Sweep;
  #policy: Policy;
  #bytes = 0;
  #evictions = 0;
  #expirations = 0;
  #rejections = 0;

  constructor(settings: MemoryStoreSettings) {
    this.#settings = settings;
    this.#capacity = settings.capacity;
    this.#countsBytes = settings.unit === 'bytes';
    this.#hash = settings.hash ?? hashKey;
    this.clock = withCoarseNow(settings.clock);
    this.slots = new Slots(this.#countsBytes ? Infinity : settings.capacity + 1);
    this.#index = new KeyIndex(this.slots);
    this.#sweep = new Sweep(this);
    this.#policy = this.#makePolicy();
  }

  get stats(): LocalStats {
    return {
      entries: this.#index.size,
      bytes: this.#bytes,
      evictions: this.#evictions,
      expirations: this.#expirations,
      rejections: this.#rejections,
    };
  }

  get(key: string, space = 0): Entry | undefined {
    const hash = this.#hashOf(key, space);
    const slot = this.#index.find(hash, key, space);
    if (slot === NO_SLOT) return undefined;
    const page = this.slots.pageOf(slot);
    const at = slot & PAGE_MASK;
    if (isOver(page, at, this.clock.coarseNow())) {
      this.expire(slot);
      return undefined;
    }
    this.#asked(slot, hash);
    return page.read(at);
  }

  getFresh(key: string, space = 0, margin = 0): unknown {
    const hash = this.#hashOf(key, space);
    const slot = this.#index.find(hash, key, space);
    if (slot === NO_SLOT) return undefined;
    const page = this.slots.pages[slot >>> PAGE_BITS] as Page;
    const at = slot & PAGE_MASK;
    const freshUntil = page.freshUntilAt(at);
    if (freshUntil !== ENDLESS) {
      const now = this.clock.coarseNow();
      const needed = margin === 0 ? 0 : margin * page.costAt(at);
      if (!(now - page.base + needed < freshUntil) && !isWholeAndFresh(page.wholeAt(at), now, margin)) return undefined;
    }
    const value = page.pairs[2 * at + 1];
    if (value !== undefined) this.#asked(slot, hash);
    return value;
  }

  peek(key: string, space = 0): Entry | undefined {
    const slot = this.#find(key, space);
    if (slot === NO_SLOT) return undefined;
    const page = this.slots.pageOf(slot);
    const at = slot & PAGE_MASK;
    return isOver(page, at, this.clock.coarseNow()) ? undefined : page.read(at);
  }

  set(key: string, entry: Entry, space = 0): void {
    checkEntry(entry, space);
    const now = this.clock.coarseNow();
    this.#sweep.step(now);
    const hash = this.#hashOf(key, space);
    let slot = this.#index.find(hash, key, space);
    if (slot !== NO_SLOT && this.slots.expiryOf(slot) <= now) {
      this.expire(slot);
      slot = this.#index.find(hash, key, space);
    }
    const bytes = bytesFor(key, entry.size);
    const weight = this.#countsBytes ? bytes : 1;
    if (now >= entry.expiresAt || !(weight <= this.#capacity)) {
      if (slot !== NO_SLOT) this.#remove(slot);
      return this.#tell(key, now >= entry.expiresAt ? 'expire' : 'reject', space);
    }
    if (slot === NO_SLOT) this.#insert(hash, key, entry, space, bytes, now);
    else this.#replace(slot, entry, bytes, now);
    this.#sweep.wakeAfter(entry.expiresAt, now);
  }

  delete(key: string, space = 0): boolean {
    const hash = this.#hashOf(key, space);
    const slot = this.#index.find(hash, key, space);
    this.reuse?.forget(hash);
    if (slot === NO_SLOT) return false;
    this.#remove(slot);
    return true;
  }

  clear(): void {
    this.#sweep.stop();
    this.slots.clear();
    this.#index.clear();
    this.reuse?.forgetAll();
    this.#policy = this.#makePolicy();
    this.#bytes = 0;
  }

  /** The entry in `slot` is over. */
  expire(slot: Slot): void {
    this.#depart(slot, 'expire');
  }

  /** For tests: throws when index, slots and sums do not agree. */
  check(): void {
    this.#index.check((slot) => this.slots.hashOf(slot));
    let entries = 0;
    let bytes = 0;
    for (let slot = 0; slot < this.slots.used; slot++) {
      if (!this.slots.isTaken(slot)) continue;
      const key = this.slots.keyOf(slot);
      if (this.#find(key, this.slots.spaceOf(slot)) !== slot) throw new Error(`${key} is not found in slot ${slot}`);
      entries++;
      bytes += bytesFor(key, this.slots.sizeOf(slot));
    }
    if (entries !== this.#index.size) throw new Error(`${entries} slots are taken for ${this.#index.size} entries`);
    if (bytes !== this.#bytes) throw new Error(`${bytes} bytes are held, ${this.#bytes} counted`);
  }

  #makePolicy(): Policy {
    const { capacity, unit, policy } = this.#settings;
    return policy(capacity, unit, (slot) => this.slots.hashOf(slot));
  }

  #hashOf(key: string, space: Space): number {
    return this.#hash(key, space === 0 ? this.#seed : this.#seed ^ Math.imul(space, 0x9e3779b1));
  }

  #find(key: string, space: Space): Slot {
    return this.#index.find(this.#hashOf(key, space), key, space);
  }

  #asked(slot: Slot, hash: number): void {
    this.#policy.touch(slot);
    if (this.reuse?.hit(hash) === true) this.#note(slot, hash);
  }

  #note(slot: Slot, hash: number): void {
    const weight = this.#countsBytes ? bytesFor(this.slots.keyOf(slot), this.slots.sizeOf(slot)) : 1;
    this.reuse?.note(hash, weight, this.slots.expiryOf(slot));
  }

  #insert(hash: number, key: string, entry: Entry, space: Space, bytes: number, now: EpochMs): void {
    const slot = this.slots.take(now);
    let crowded: [key: string, space: Space][] | undefined;
    for (let other = this.#index.add(hash, slot); other !== NO_SLOT; other = this.#index.add(hash, slot)) {
      (crowded ??= []).push([this.slots.keyOf(other), this.slots.spaceOf(other)]);
      this.#remove(other);
    }
    const page = this.slots.pageOf(slot);
    page.name(slot & PAGE_MASK, key, space, hash);
    page.write(slot & PAGE_MASK, entry, now);
    this.#bytes += bytes;
    const weight = this.#countsBytes ? bytes : 1;
    this.reuse ??= new ReuseSampler(this.#settings.unit);
    this.reuse.insert(hash, weight, entry.expiresAt, now);
    this.#policy.insert(slot, hash, weight, entry.cost);
    this.#makeRoom(slot);
    for (const [other, otherSpace] of crowded ?? []) this.#tell(other, 'evict', otherSpace);
  }

  #replace(slot: Slot, entry: Entry, bytes: number, now: EpochMs): void {
    this.#bytes += bytes - bytesFor(this.slots.keyOf(slot), this.slots.sizeOf(slot));
    this.slots.pageOf(slot).write(slot & PAGE_MASK, entry, now);
    this.#policy.resize(slot, this.#countsBytes ? bytes : 1, entry.cost);
    this.#makeRoom(NO_SLOT);
  }

  #makeRoom(newest: Slot): void {
    for (;;) {
      const { size } = this.#index;
      const used = this.#countsBytes ? this.#bytes : size;
      const slot = this.#policy.evict(used > this.#capacity || size >= MOST_INDEXED);
      if (!this.slots.isTaken(slot)) return;
      const key = this.slots.keyOf(slot);
      const space = this.slots.spaceOf(slot);
      this.#release(slot);
      this.#tell(key, slot === newest ? 'reject' : 'evict', space);
    }
  }

  #depart(slot: Slot, reason: Departure): void {
    const key = this.slots.keyOf(slot);
    const space = this.slots.spaceOf(slot);
    this.#remove(slot);
    this.#tell(key, reason, space);
  }

  #remove(slot: Slot): void {
    this.#policy.remove(slot);
    this.#release(slot);
  }

  #release(slot: Slot): void {
    const page = this.slots.pageOf(slot);
    const at = slot & PAGE_MASK;
    this.#index.remove(page.hashAt(at), slot);
    this.#bytes -= bytesFor(page.pairs[2 * at] as string, page.sizeAt(at));
    this.slots.giveBack(slot);
  }

  #tell(key: string, reason: Departure, space: Space): void {
    if (reason === 'evict') this.#evictions++;
    else if (reason === 'expire') this.#expirations++;
    else this.#rejections++;
    this.onDeparture?.(key, reason, space);
  }
}

function bytesFor(key: string, size: number): number {
  return Math.ceil(size) + key.length * BYTES_PER_CHARACTER + OVERHEAD;
}

function isOver(page: Page, at: number, now: EpochMs): boolean {
  return !(now - page.base < page.freshUntilAt(at)) && now >= page.expiryAt(at);
}

function isWholeAndFresh(whole: Entry | undefined, now: EpochMs, margin: number): boolean {
  if (whole === undefined || whole.tags.length > 0) return false;
  return now + margin * whole.cost < whole.staleAt && now < whole.expiresAt;
}
