/*
 * C = {D | P(D) > θ}: only what is asked for often enough is kept.
 *
 * Problem: keys that are asked for once or twice push out the few that matter, and cost storage that nobody uses.
 * Idea: P(D) is measured as count / window by a decayed sketch, and an entry stays while P(D) > θ. Its own request is no evidence for it, so
 * the newcomer is estimated before it is counted; who is not above θ is named by `evict(false)` at once, also when there is room. Among those
 * who are, `inner` decides who leaves when room is short.
 * The window is 10 / θ requests, so that 15, the most that a counter can say, is half as much again as θ needs. While less than four tenths
 * of a window has been seen P is taken of four tenths: a cold start, or the halving after a scan, makes nobody popular.
 * As the P sum to 1, fewer than 1/θ entries can be above θ at once. Residents stand in sixteen queues by their count when last asked for, so
 * halving is the splicing of pairs of queues, and whoever is then at or below θ is in the first few. Between halvings P drifts; if a newcomer
 * would make 1/θ residents, one of them is not above θ any more, and the lowest leaves.
 * Cost: O(1) an operation; 24 bytes a slot and, whatever the number of entries, 80/θ to 160/θ bytes of sketch, at most 32 MiB.
 * Does not: fill the store when θ >= 1/capacity, or decide sharply: counting to ten measures P within a third (1/√10), so a key whose P is
 * near θ comes and goes when requests come at random. Below θ = 2.4e-6 the window stays at 2^22 requests and θ is met by fewer counts.
 * Papers: Einziger, Friedman and Manes 2017, TinyLFU, section 3 (the sketch).
 */
import { adviseThreshold } from '../model/theta.ts';
import { invalidOption } from '../options.ts';
import { admitAboveVictim } from './admit-above-victim.ts';
import { grown } from './grown.ts';
import { Hashes } from './hashes.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { FrequencySketch, MOST_COUNTED } from './sketch.ts';
import { SlotLists } from './slot-lists.ts';

const COUNTS_AT_THRESHOLD = 10;
/** Counters a row for each request of the window: keys that share one are so few that P is as good as exact. */
const WIDTH_PER_REQUEST = 4;
const LEAST_WIDTH = 1024;
const LONGEST_WINDOW = 2 ** 22;
const LEAST_PART_OF_WINDOW = 0.4;

/** One queue for each count, and one for those who have to go. */
const LEAVING = MOST_COUNTED + 1;

/** 49 * (1 / 49) is less than 1 in floating point. */
const ROUNDING = 1e-9;

/**
 * `threshold` is θ, above 0 and below 1, or 'auto': the P of whom the newcomer would displace. Throws INVALID_OPTION.
 * Warns (KVASIR_THETA) at construction of a store that counts entries and that θ can never fill.
 */
export function admitAbove(threshold: number | 'auto', inner: PolicyFactory): PolicyFactory {
  if (typeof inner !== 'function') throw invalidOption('admitAbove() inner', 'a policy, like lru()', inner);
  if (threshold === 'auto') return admitAboveVictim(inner);
  if (!(typeof threshold === 'number' && threshold > 0 && threshold < 1))
    throw invalidOption('admitAbove() threshold', "a number above 0 and below 1, or 'auto'", threshold);
  // A store makes its policy anew when it is cleared.
  let warnedOf: number | undefined;
  return (capacity, unit, hashOf) => {
    if (
      unit === 'entries' &&
      capacity < Infinity &&
      capacity !== warnedOf &&
      !adviseThreshold(threshold, capacity).canFill
    ) {
      warnOf(threshold, capacity);
      warnedOf = capacity;
    }
    return new AdmitAbove(threshold, inner(capacity, unit, hashOf), hashOf);
  };
}

function warnOf(threshold: number, capacity: number): void {
  const { mostAdmitted, mustBeBelow } = adviseThreshold(threshold, capacity);
  process.emitWarning(
    `admitAbove(${threshold}, …): at most ${mostAdmitted} of ${capacity} entries can have a probability above ${threshold}; ` +
      `to use them all the threshold must be below ${mustBeBelow}`,
    { code: 'KVASIR_THETA' },
  );
}

class AdmitAbove implements Policy {
  readonly name: string;
  readonly #threshold: number;
  readonly #inner: Policy;
  readonly #sketch: FrequencySketch;
  readonly #leastTotal: number;
  readonly #queues = new SlotLists(LEAVING + 1);
  readonly #hashes: Hashes;
  #stays: Uint8Array = new Uint8Array(64);
  #residents = 0;

  constructor(threshold: number, inner: Policy, hashOf: HashOf | undefined) {
    this.name = `admit-above-${threshold}(${inner.name})`;
    this.#threshold = threshold;
    this.#inner = inner;
    this.#hashes = new Hashes(hashOf);
    const window = Math.min(COUNTS_AT_THRESHOLD / threshold, LONGEST_WINDOW);
    this.#sketch = new FrequencySketch(Math.max(LEAST_WIDTH, WIDTH_PER_REQUEST * window), window);
    this.#leastTotal = window * LEAST_PART_OF_WINDOW;
  }

  insert(slot: Slot, hash: number, weight: number, cost?: number): void {
    if (slot >= this.#stays.length) this.#stays = grown(this.#stays, slot);
    const wanted = this.#sketch.estimate(hash) > this.#limit();
    const isFull = this.#sketch.increment(hash);
    this.#hashes.keep(slot, hash);
    this.#stays[slot] = wanted ? 1 : 0;
    this.#queues.push(wanted ? this.#sketch.estimate(hash) : LEAVING, slot);
    if (wanted) {
      this.#inner.insert(slot, hash, weight, cost);
      this.#residents++;
    }
    if (isFull) this.#halve();
    if (this.#residents * this.#threshold >= 1 - ROUNDING) this.#dismiss(this.#lowest());
  }

  touch(slot: Slot): void {
    if (!this.#queues.has(slot)) return;
    const hash = this.#hashes.of(slot);
    const isFull = this.#sketch.increment(hash);
    if (this.#stays[slot] === 1) {
      this.#queues.move(this.#sketch.estimate(hash), slot);
      this.#inner.touch(slot);
    }
    if (isFull) this.#halve();
  }

  resize(slot: Slot, weight: number, cost?: number): void {
    if (this.#queues.has(slot) && this.#stays[slot] === 1) this.#inner.resize(slot, weight, cost);
  }

  remove(slot: Slot): void {
    if (!this.#queues.has(slot)) return;
    this.#queues.unlink(slot);
    if (this.#stays[slot] !== 1) return;
    this.#residents--;
    this.#inner.remove(slot);
  }

  victim(): Slot {
    const leaver = this.#queues.first(LEAVING);
    return leaver === NO_SLOT && this.#inner.victim !== undefined ? this.#inner.victim() : leaver;
  }

  evict(roomNeeded: boolean): Slot {
    const leaver = this.#queues.first(LEAVING);
    const slot = leaver === NO_SLOT ? this.#inner.evict(roomNeeded) : leaver;
    if (slot === NO_SLOT) return NO_SLOT;
    this.#queues.unlink(slot);
    if (slot !== leaver) this.#residents--;
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#queues.forEach(LEAVING, visit);
    if (this.#inner.forEach !== undefined) return this.#inner.forEach(visit);
    for (let count = 0; count <= MOST_COUNTED; count++) this.#queues.forEach(count, visit);
  }

  /** Counts at or below it are not above θ. */
  #limit(): number {
    return this.#threshold * Math.max(this.#sketch.total, this.#leastTotal) + ROUNDING;
  }

  #halve(): void {
    this.#sketch.halve();
    const queues = this.#queues;
    queues.append(1, 0);
    for (let count = 1; count <= MOST_COUNTED >>> 1; count++) {
      queues.append(2 * count, count);
      queues.append(2 * count + 1, count);
    }
    const limit = Math.min(MOST_COUNTED, this.#limit());
    for (let count = 0; count <= limit; count++) {
      for (let slot = queues.first(count); slot !== NO_SLOT; slot = queues.first(count)) this.#dismiss(slot);
    }
  }

  #lowest(): Slot {
    let count = 0;
    while (this.#queues.isEmpty(count)) count++;
    return this.#queues.first(count);
  }

  #dismiss(slot: Slot): void {
    this.#queues.move(LEAVING, slot);
    this.#stays[slot] = 0;
    this.#residents--;
    this.#inner.remove(slot);
  }
}
