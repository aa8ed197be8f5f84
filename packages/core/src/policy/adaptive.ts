/*
 * A council of policies: whoever would have done best lately decides.
 *
 * Problem: no policy is best everywhere. Loops want LIRS, steady popularity W-TinyLFU, bursts a large window or plain LRU; which of them it is
 * differs from cache to cache, and from hour to hour.
 * Idea: each expert runs as a shadow, on a sample of the keys and the same share of the room. After each epoch the hits of the shadows are added
 * to scores that fade; when another expert leads by more than chance, it takes over the residents, from cold to hot. The values never move.
 * ARC, which is never far below LRU, begins, and while there is room everyone is admitted. Where weights differ, GDSF is on the council and begins.
 * The share is halved whenever the sample outgrows its size, so that the shadows cost less and less as the cache grows.
 * Cost: O(1) a request plus the part of it that is sampled, times the number of experts; a change of expert is O(entries). Memory: what the
 * expert in charge keeps, the sketch, and about a thousand entries a shadow.
 * Does not: mix experts, or tell apart experts that differ by less than a hundredth of the requests.
 * Papers: Waldspurger et al. 2017 (miniature simulations); Ari et al. 2002 (ACME) and Vietri et al. 2018 (LeCaR) for choosing among experts;
 * the experts' own in their files.
 */
import { checkKnown } from '../options.ts';
import { arc } from './arc.ts';
import { checkObjective, gdsf, type Objective } from './gdsf.ts';
import { Hashes } from './hashes.ts';
import { lirs } from './lirs.ts';
import { lru } from './lru.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { Popularity } from './popularity.ts';
import { Shadow } from './shadow.ts';
import { WTinyLfu, wTinyLfu } from './w-tiny-lfu.ts';
import { Weights } from './weights.ts';

export interface AdaptiveOptions {
  /** What a hit brings: one answer, the entry's bytes, or the milliseconds that its load took. Default 'hits'. */
  readonly objective?: Objective;
}

/** Shadows of 512 to 1,024 entries gain 0.38 of what LRU leaves on 112 cells of recorded traces, of 32 and a twentieth of the cache 0.37. */
const MOST_SAMPLED = 1024;
/** In sampled requests: the first epoch, by how much each is longer than the last, and the longest. */
const FIRST_EPOCH = 512;
const EPOCH_GROWTH = 1.5;
const LONGEST_EPOCH = 2_000;
/** What is left of a score after an epoch. */
const FADING = 0.7;
/** Of what all requests could have brought. */
const LEAST_LEAD = 0.01;

/** One expert: how a shadow runs it, and how the cache itself does. */
interface Expert {
  readonly shadow: PolicyFactory;
  readonly lead: (
    capacity: number,
    unit: 'bytes' | 'entries' | undefined,
    hashOf: HashOf,
    popularity: Popularity,
  ) => Policy;
}

function plain(make: PolicyFactory): Expert {
  return { shadow: make, lead: (capacity, unit, hashOf) => make(capacity, unit, hashOf) };
}

function windowed(window: number): Expert {
  return {
    shadow: wTinyLfu({ window }),
    lead: (capacity, unit, hashOf, popularity) => new WTinyLfu(capacity, unit, window, hashOf, popularity),
  };
}

/** The first begins. */
const COUNCIL: readonly Expert[] = [plain(arc()), plain(lru()), windowed(0.01), windowed(0.2), plain(lirs())];

/** Throws INVALID_OPTION. */
export function adaptive(options: AdaptiveOptions = {}): PolicyFactory {
  checkKnown('adaptive()', options, ['objective']);
  const { objective = 'hits' } = options;
  checkObjective('adaptive() objective', objective);
  const weighed = plain(gdsf({ objective }));
  return (capacity, unit, hashOf) =>
    new Adaptive(
      unit === 'entries' && objective !== 'cost' ? COUNCIL : [weighed, ...COUNCIL],
      objective,
      capacity,
      unit,
      hashOf,
    );
}

class Adaptive implements Policy {
  readonly name = 'adaptive';
  readonly #experts: readonly Expert[];
  readonly #objective: Objective;
  readonly #capacity: number;
  readonly #unit: 'bytes' | 'entries' | undefined;
  readonly #hashes: Hashes;
  readonly #hashOf: HashOf;
  readonly #weights: Weights;
  /** Kept only where they count. */
  readonly #costs: Weights;
  readonly #popularity: Popularity;
  #shadows: Shadow[];
  #scores: Float64Array;
  #leader = 0;
  #policy: Policy;
  /** Sampled are hashes whose upper bits are below it; 2^32 is all of them. */
  #limit = 2 ** 32;
  #epoch = FIRST_EPOCH;
  #sampled = 0;
  /** What the sampled requests could have brought, fading as the scores do. */
  #possible = 0;

  constructor(
    experts: readonly Expert[],
    objective: Objective,
    capacity: number,
    unit: 'bytes' | 'entries' | undefined,
    hashOf: HashOf | undefined,
  ) {
    this.#experts = experts;
    this.#objective = objective;
    this.#capacity = capacity;
    this.#unit = unit;
    const hashes = new Hashes(hashOf);
    this.#hashes = hashes;
    this.#hashOf = hashOf ?? ((slot) => hashes.of(slot));
    this.#weights = new Weights(unit);
    this.#costs = new Weights(objective === 'cost' ? 'bytes' : 'entries');
    this.#popularity = new Popularity(this.#hashOf);
    this.#shadows = experts.map(({ shadow }) => new Shadow(shadow, capacity, unit));
    this.#scores = new Float64Array(experts.length);
    this.#policy = this.#make(0);
  }

  insert(slot: Slot, hash: number, weight: number, cost = 0): void {
    this.#hashes.keep(slot, hash);
    this.#weights.set(slot, weight);
    this.#costs.set(slot, cost);
    this.#observe(slot, hash);
    this.#popularity.request(slot, hash);
    this.#policy.insert(slot, hash, weight, cost);
  }

  touch(slot: Slot): void {
    this.#observe(slot, this.#hashes.of(slot));
    this.#popularity.count(slot);
    this.#policy.touch(slot);
  }

  resize(slot: Slot, weight: number, cost = 0): void {
    this.#weights.set(slot, weight);
    this.#costs.set(slot, cost);
    this.#policy.resize(slot, weight, cost);
  }

  remove(slot: Slot): void {
    const hash = this.#hashes.of(slot);
    if (isSampled(hash, this.#limit)) for (const shadow of this.#shadows) shadow.remove(hash);
    this.#policy.remove(slot);
  }

  victim(): Slot {
    return this.#policy.victim?.() ?? NO_SLOT;
  }

  evict(roomNeeded: boolean): Slot {
    return this.#policy.evict(roomNeeded);
  }

  forEach(visit: (slot: Slot) => void): void {
    this.#policy.forEach?.(visit);
  }

  #observe(slot: Slot, hash: number): void {
    if (!isSampled(hash, this.#limit)) return;
    const weight = this.#weights.of(slot);
    const cost = this.#costs.of(slot);
    const gain = this.#objective === 'hits' ? 1 : this.#objective === 'bytes' ? weight : Math.max(1, cost);
    this.#possible += gain;
    let largest = 0;
    for (let at = 0; at < this.#shadows.length; at++) {
      const shadow = this.#shadows[at] as Shadow;
      if (shadow.ask(hash, weight, cost)) this.#scores[at] = (this.#scores[at] as number) + gain;
      if (shadow.size > largest) largest = shadow.size;
    }
    if (largest > MOST_SAMPLED) this.#halveSample();
    if (++this.#sampled >= this.#epoch) this.#elect();
  }

  #halveSample(): void {
    this.#limit /= 2;
    const capacity = this.#capacity * (this.#limit / 2 ** 32);
    this.#shadows = this.#shadows.map((before, at) => {
      const shadow = new Shadow((this.#experts[at] as Expert).shadow, capacity, this.#unit);
      shadow.inherit(before, (hash) => isSampled(hash, this.#limit));
      return shadow;
    });
  }

  #elect(): void {
    const scores = this.#scores;
    let best = this.#leader;
    for (let at = 0; at < scores.length; at++) if ((scores[at] as number) > (scores[best] as number)) best = at;
    const lead = (scores[best] as number) - (scores[this.#leader] as number);
    if (lead > LEAST_LEAD * this.#possible) this.#follow(best);
    for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) * FADING;
    this.#possible *= FADING;
    this.#sampled = 0;
    this.#epoch = Math.min(LONGEST_EPOCH, this.#epoch * EPOCH_GROWTH);
  }

  #follow(leader: number): void {
    const before = this.#policy;
    this.#leader = leader;
    this.#policy = this.#make(leader);
    before.forEach?.((slot) =>
      this.#policy.insert(slot, this.#hashes.of(slot), this.#weights.of(slot), this.#costs.of(slot)),
    );
  }

  #make(at: number): Policy {
    return (this.#experts[at] as Expert).lead(this.#capacity, this.#unit, this.#hashOf, this.#popularity);
  }
}

/** Other bits than those that tables and sketches look at first. */
function isSampled(hash: number, limit: number): boolean {
  return Math.imul(hash, 0x5bd1e995) >>> 0 < limit;
}
