/*
 * GreedyDual-Size-Frequency, with TinyLFU at the door.
 *
 * Problem: room is measured in bytes, entries differ in size by powers of ten, and what a hit is worth depends on who asks: the share of requests
 * answered here, the bytes not fetched, or the time not waited.
 * Idea: an entry's worth is its frequency times what one hit on it brings, per byte of room. Its priority is its worth plus the clock when it
 * was last asked for; the least priority leaves, and the clock moves up to it. So whoever is not asked for any more is overtaken, without ageing anyone.
 * What nobody would miss still gets in, and costs a crowd of small entries their place if it is large. So a newcomer has to be worth more, per
 * byte, than those it displaces, taken together, as the sketch of recent requests has it; as soon as it is not, it is refused. A key that comes back
 * starts with the frequency that the sketch remembers.
 * Cost: O(log n) an operation; 28 to 32 bytes a slot, 8 for its cost where that counts, and 16 bytes of sketch for each entry held.
 * Does not: give newcomers time to prove themselves, know costs that nobody told (a load counts for at least a millisecond), or suit a store
 * that counts entries of equal cost.
 * Papers: Cherkasova 1998, "Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy"; Cao and Irani 1997 (the clock);
 * Einziger, Eytan, Friedman and Manes 2022 (admission against several victims).
 */
import { checkKnown, invalidOption } from '../options.ts';
import { grown } from './grown.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { Popularity } from './popularity.ts';
import { SlotHeap } from './slot-heap.ts';
import { Weights } from './weights.ts';

/** What a hit brings: one answer, the entry's bytes, or the milliseconds that its load took. */
export type Objective = 'hits' | 'bytes' | 'cost';

export interface GdsfOptions {
  /** Default 'hits'. */
  readonly objective?: Objective;
}

const OBJECTIVES: readonly unknown[] = ['hits', 'bytes', 'cost'];

/** No entry weighs less than a byte, and no load takes less than a millisecond: both would be worth more than anything. */
const LEAST = 1;

/** Throws INVALID_OPTION. */
export function gdsf(options: GdsfOptions = {}): PolicyFactory {
  checkKnown('gdsf()', options, ['objective']);
  const { objective = 'hits' } = options;
  checkObjective('gdsf() objective', objective);
  return (_, unit, hashOf) => new Gdsf(objective, unit, hashOf);
}

/** Throws INVALID_OPTION naming `option`. */
export function checkObjective(option: string, objective: unknown): void {
  if (!OBJECTIVES.includes(objective)) throw invalidOption(option, "'hits', 'bytes' or 'cost'", objective);
}

class Gdsf implements Policy {
  readonly name = 'gdsf';
  readonly #objective: Objective;
  readonly #heap = new SlotHeap();
  readonly #popularity: Popularity;
  readonly #weights: Weights;
  #costs: Float64Array = new Float64Array(64);
  #frequencies: Int32Array = new Int32Array(64);
  #clock = 0;
  /** The newcomer, until there was room for it. Not in the heap. */
  #candidate: Slot = NO_SLOT;
  #displacedWorth = 0;
  #displacedWeight = 0;

  constructor(objective: Objective, unit: 'bytes' | 'entries' | undefined, hashOf: HashOf | undefined) {
    this.#objective = objective;
    this.#popularity = new Popularity(hashOf);
    this.#weights = new Weights(unit);
  }

  insert(slot: Slot, hash: number, weight: number, cost = 0): void {
    this.#settle();
    if (slot >= this.#frequencies.length) this.#frequencies = grown(this.#frequencies, slot);
    this.#popularity.name(slot, hash);
    this.#popularity.count(slot);
    this.#frequencies[slot] = this.#popularity.of(slot);
    this.#weigh(slot, weight, cost);
    this.#candidate = slot;
    this.#displacedWorth = 0;
    this.#displacedWeight = 0;
  }

  touch(slot: Slot): void {
    const isResident = this.#heap.has(slot);
    if (!isResident && slot !== this.#candidate) return;
    this.#popularity.count(slot);
    this.#frequencies[slot] = Math.max((this.#frequencies[slot] as number) + 1, this.#popularity.of(slot));
    if (isResident) this.#heap.change(slot, this.#clock + this.#worth(slot));
  }

  resize(slot: Slot, weight: number, cost = 0): void {
    if (!this.#heap.has(slot)) {
      if (slot === this.#candidate) this.#weigh(slot, weight, cost);
      return;
    }
    const clock = this.#heap.priorityOf(slot) - this.#worth(slot);
    this.#weigh(slot, weight, cost);
    this.#heap.change(slot, clock + this.#worth(slot));
  }

  remove(slot: Slot): void {
    if (slot === this.#candidate) this.#candidate = NO_SLOT;
    else if (this.#heap.has(slot)) this.#heap.remove(slot);
  }

  victim(): Slot {
    const resident = this.#heap.first();
    const candidate = this.#candidate;
    if (candidate === NO_SLOT || resident === NO_SLOT) return resident === NO_SLOT ? candidate : resident;
    const weight = this.#displacedWeight + this.#weightOf(resident);
    const worth = this.#displacedWorth + this.#expect(resident);
    return this.#expect(candidate) * weight > worth * this.#weightOf(candidate) ? resident : candidate;
  }

  evict(roomNeeded: boolean): Slot {
    if (!roomNeeded) {
      this.#settle();
      return NO_SLOT;
    }
    const slot = this.victim();
    if (slot !== NO_SLOT && slot !== this.#candidate) {
      this.#displacedWeight += this.#weightOf(slot);
      this.#displacedWorth += this.#expect(slot);
      this.#clock = this.#heap.priorityOf(slot);
    }
    this.remove(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#heap.forEach(visit);
    if (this.#candidate !== NO_SLOT) visit(this.#candidate);
  }

  #settle(): void {
    if (this.#candidate === NO_SLOT) return;
    this.#heap.push(this.#candidate, this.#clock + this.#worth(this.#candidate));
    this.#candidate = NO_SLOT;
  }

  #weigh(slot: Slot, weight: number, cost: number): void {
    this.#weights.set(slot, weight);
    if (this.#objective !== 'cost') return;
    if (slot >= this.#costs.length) this.#costs = grown(this.#costs, slot);
    this.#costs[slot] = cost;
  }

  #weightOf(slot: Slot): number {
    return Math.max(LEAST, this.#weights.of(slot));
  }

  /** What the requests of the recent past would have brought. */
  #expect(slot: Slot): number {
    return this.#popularity.of(slot) * this.#gain(slot);
  }

  /** Per byte of room, by all requests since it is here. */
  #worth(slot: Slot): number {
    return ((this.#frequencies[slot] as number) * this.#gain(slot)) / this.#weightOf(slot);
  }

  #gain(slot: Slot): number {
    if (this.#objective === 'hits') return 1;
    return this.#objective === 'bytes' ? this.#weightOf(slot) : Math.max(LEAST, this.#costs[slot] as number);
  }
}
