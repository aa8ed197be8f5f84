/*
 * The miss-ratio curve of LRU, measured while the requests come.
 *
 * Problem: what would a larger or a smaller cache have hit? LRU of any size hits a request if its stack distance, the weight of all that was asked
 * for since the key was last asked for, is at most that size. To know every distance takes every key and O(log n) a request.
 * Idea: look only at keys whose hash is below a threshold T. Their distances among each other, divided by R = T / 2^32, are those among all keys, and
 * each of their requests stands for 1/R. When more than 2,048 keys are below T, the highest leaves and T falls to it: room is fixed, R is not.
 * Three totals are known of all keys, not only of those: N requests, by counting, M different keys and their weight, by a sketch that is fed where a
 * store inserts (distinct.ts). So distances are scaled by the weight of all keys over that of those held rather than by 1/R, first requests are M, and
 * what the sampled repeats lack of N - M, or have too much, is popular keys that missed the sample or fell into it. The paper puts that difference
 * into the first bucket. Here it is spread like the distances of popular keys, each weighed by its count: the coefficient of a regression
 * estimator, for the error of a key is in proportion to its count. On recorded traces the mean error fell by a third, the largest by half (bench/planner).
 * A generation is 2^23 requests; then everything begins anew, and until the new one is complete the curve is a mean of both. After its first 2^18
 * requests at most one key in sixteen is looked at, so that a hit in a small cache costs no more than in a large one.
 * Cost: 125 KB; a comparison for a request that is not sampled, about 0.1 µs for one that is; a curve takes some ms to draw.
 * Does not: see sizes below a hundredth of all keys as sharply as larger ones, for a handful of popular keys decide there; know what an evicted key
 * would weigh now, or how long it would live; tell a prefetch from a request; or tell of other policies than LRU.
 * A generation after the first counts the first request of each key as a miss, and has no M: residents are not inserted again.
 * Papers: Waldspurger, Park, Garthwaite and Ahmad 2015, "Efficient MRC construction with SHARDS", sections 3.2 and 3.3 (fixed size, adjustment);
 * Cochran 1977, Sampling techniques, chapter 7 (regression estimators).
 */
import { invalidOption } from '../options.ts';
import type { MissRatioCurve } from './curve.ts';
import { DistinctCounter } from './distinct.ts';
import { blendCurves, drawCurve, type Member } from './draw-curve.ts';
import { KeyIndex } from './key-index.ts';
import { RecencyTree } from './recency-tree.ts';
import { Tally } from './tally.ts';

const ALL = 2 ** 32;
const MOST_KEYS = 2048;
/** So long, every key may be in the sample: short streams are measured as well as 2,048 keys allow. */
const EAGER_REQUESTS = 2 ** 18;
const THEN_AT_MOST = ALL / 16;
/** At a thousand requests a second, two and a half hours. */
const GENERATION = 2 ** 23;

export interface ReuseSamplerOptions {
  /** Requests after which it begins anew. Default 2^23; Infinity never. */
  readonly generation?: number;
  /** The most of all keys that are looked at, 0 to 1. Default: all for 2^18 requests, then a sixteenth. */
  readonly rate?: number;
}

/**
 * A sample of who is asked for again, and after how much else. Fed by a local store: {@link insert} for each request that it could not answer,
 * {@link hit} for each that it could. Hashes are 32 bits, well mixed, the same for the same key.
 */
export class ReuseSampler {
  readonly unit: 'entries' | 'bytes';
  readonly #generation: number;
  readonly #rate: number | undefined;
  readonly #index = new KeyIndex(MOST_KEYS);
  readonly #tree = new RecencyTree(MOST_KEYS);
  readonly #requestsOf = new Float32Array(MOST_KEYS);
  readonly #repeatsOf = new Float32Array(MOST_KEYS);
  readonly #expiresAt = new Float64Array(MOST_KEYS);
  readonly #free = new Uint16Array(MOST_KEYS);
  #tally = new Tally();
  #distinct: DistinctCounter | undefined = new DistinctCounter();
  #past: MissRatioCurve | undefined;
  #requests = 0;
  #threshold = ALL;
  #held = 0;
  #weightHeld = 0;

  constructor(unit: 'entries' | 'bytes', options: ReuseSamplerOptions = {}) {
    const { generation = GENERATION, rate } = options;
    if (!(generation >= 1)) throw invalidOption('ReuseSampler generation', 'a number of at least 1', generation);
    if (rate !== undefined && !(rate > 0 && rate <= 1))
      throw invalidOption('ReuseSampler rate', 'a number above 0, at most 1', rate);
    this.unit = unit;
    this.#generation = generation;
    this.#rate = rate;
    this.#begin();
  }

  /** Counts a request that was answered; when true, the caller is to {@link note} it. */
  hit(hash: number): boolean {
    this.#requests++;
    return hash >>> 0 < this.#threshold;
  }

  /** Counts a request that was not answered, for an entry that is stored now. Instants are the store's. */
  insert(hash: number, weight: number, expiresAt: number = Infinity, now: number = -Infinity): void {
    this.#requests++;
    this.#distinct?.add(hash, weight);
    if (hash >>> 0 < this.#threshold) this.note(hash, weight, expiresAt, now);
  }

  /** A request that {@link hit} wants to know of, for an entry that has this weight and expires then. */
  note(hash: number, weight: number, expiresAt: number = Infinity, now: number = -Infinity): void {
    if (this.#requests >= this.#generation) this.#renew();
    if (this.#requests > EAGER_REQUESTS && this.#rate === undefined && this.#threshold > THEN_AT_MOST)
      this.#lower(THEN_AT_MOST);
    const sampled = hash >>> 0;
    let entry = this.#index.find(sampled);
    if (entry === -1) {
      entry = this.#admit(sampled);
      if (entry === -1) return;
      this.#tally.firsts += ALL / this.#threshold;
    } else {
      this.#repeat(entry, weight, now);
    }
    this.#requestsOf[entry] = (this.#requestsOf[entry] as number) + 1;
    this.#expiresAt[entry] = expiresAt;
    this.#weightHeld -= this.#tree.weightOf(entry);
    this.#tree.renew(entry, weight);
    this.#weightHeld += this.#tree.weightOf(entry);
  }

  /** The entry is gone from a cache of any size: deleted or invalidated. */
  forget(hash: number): void {
    const sampled = hash >>> 0;
    const entry = sampled < this.#threshold ? this.#index.find(sampled) : -1;
    if (entry !== -1) this.#tree.remove(entry);
  }

  /** {@link forget} for all. */
  forgetAll(): void {
    for (let entry = 0; entry < MOST_KEYS; entry++) this.#tree.remove(entry);
  }

  /** Of the latest requests, at least 2^23 if so many have come; undefined before the first. */
  curve(): MissRatioCurve | undefined {
    if (this.#requests === 0) return this.#past;
    const known = this.#known();
    const keys = known?.count ?? (this.#held * ALL) / this.#threshold;
    const curve = drawCurve({
      unit: this.unit,
      requests: this.#requests,
      keys,
      footprint: this.#weightOfAll(),
      firsts: known === undefined ? this.#tally.firsts : keys,
      tally: this.#tally,
      members: this.#members(),
    });
    if (this.#past === undefined) return curve;
    return blendCurves(this.#past, curve, Math.min(1, this.#requests / this.#generation));
  }

  #begin(): void {
    this.#threshold = Math.round((this.#rate ?? 1) * ALL);
    this.#held = 0;
    this.#weightHeld = 0;
    this.#requests = 0;
    this.#tally = new Tally();
    for (let entry = 0; entry < MOST_KEYS; entry++) this.#free[entry] = entry;
  }

  #renew(): void {
    this.#past = this.curve();
    for (let entry = 0; entry < MOST_KEYS; entry++) if (this.#requestsOf[entry] !== 0) this.#drop(entry);
    this.#distinct = undefined;
    this.#begin();
    this.#requests = 1;
  }

  /** Takes a place for a key that is not in the sample; -1 when there is none for it. */
  #admit(hash: number): number {
    if (this.#held === MOST_KEYS) this.#lower(this.#highest());
    if (hash >= this.#threshold) return -1;
    const entry = this.#free[this.#held++] as number;
    this.#index.add(hash, entry);
    return entry;
  }

  #highest(): number {
    let highest = 0;
    for (let entry = 0; entry < MOST_KEYS; entry++) highest = Math.max(highest, this.#index.hashOf(entry));
    return highest;
  }

  #lower(threshold: number): void {
    this.#threshold = threshold;
    for (let entry = 0; entry < MOST_KEYS; entry++)
      if (this.#requestsOf[entry] !== 0 && this.#index.hashOf(entry) >= threshold) this.#drop(entry);
  }

  #drop(entry: number): void {
    this.#index.remove(entry);
    this.#weightHeld -= this.#tree.weightOf(entry);
    this.#tree.drop(entry);
    this.#requestsOf[entry] = 0;
    this.#repeatsOf[entry] = 0;
    this.#free[--this.#held] = entry;
  }

  /** What is known of all keys better than by the sample; nothing, as long as they all are in it. */
  #known(): DistinctCounter | undefined {
    return this.#threshold < ALL ? this.#distinct : undefined;
  }

  #weightOfAll(): number {
    return this.#known()?.weight ?? (this.#weightHeld * ALL) / this.#threshold;
  }

  #members(): Member[] {
    const members: Member[] = [];
    for (let entry = 0; entry < MOST_KEYS; entry++) {
      const requests = this.#requestsOf[entry] as number;
      const repeats = this.#repeatsOf[entry] as number;
      if (requests > 0) members.push({ requests, repeats, weight: this.#tree.weightOf(entry) });
    }
    return members;
  }

  #repeat(entry: number, weight: number, now: number): void {
    const standsFor = ALL / this.#threshold;
    if (!this.#tree.has(entry) || now >= (this.#expiresAt[entry] as number)) {
      this.#tally.lapses += standsFor;
      return;
    }
    this.#repeatsOf[entry] = (this.#repeatsOf[entry] as number) + 1;
    // Its own weight is neither among the others in the sample nor among all others.
    const own = this.#tree.weightOf(entry);
    const scale = this.#weightHeld > own ? Math.max(1, (this.#weightOfAll() - own) / (this.#weightHeld - own)) : 1;
    this.#tally.repeat(this.#tree.distance(entry) * scale + weight, standsFor, this.#requestsOf[entry] as number);
  }
}
