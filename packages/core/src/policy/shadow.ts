/*
 * What a policy would hit, seen through a sample of the keys.
 *
 * Problem: whether another policy would do better cannot be told from the cache that this one left behind.
 * Idea: a cache without values that sees only keys whose hash falls below a share, and has that share of the room. Keys are sampled, not
 * requests, so a key of the sample is seen each time it is asked for, and reuse distances shrink by the share just as the room does.
 * Cost: for a sampled request what the policy takes and one look-up; 30 bytes an entry of the sample and what the policy keeps.
 * Does not: tell more than its sample; a key that draws a large part of all requests is in it or not.
 * Papers: Waldspurger, Park, Garthwaite and Ahmad 2015 (SHARDS, spatial sampling); Waldspurger, Saemundsson, Ahmad and Park 2017 (miniature
 * simulations).
 */
import { Ghosts, NO_GHOST } from './ghosts.ts';
import { NO_SLOT, type Policy, type PolicyFactory } from './policy.ts';
import { Weights } from './weights.ts';

const HELD = 0;

export class Shadow {
  readonly #capacity: number;
  readonly #policy: Policy;
  readonly #held: Ghosts;
  readonly #costs = new Weights('bytes');

  constructor(make: PolicyFactory, capacity: number, unit: 'bytes' | 'entries' | undefined) {
    this.#capacity = capacity;
    this.#policy = make(capacity, unit);
    this.#held = new Ghosts(1, unit);
  }

  get size(): number {
    return this.#held.size;
  }

  /** Asks for the key of `hash`, and stores it when it is missing. True when it was a hit. */
  ask(hash: number, weight: number, cost: number): boolean {
    const slot = this.#held.find(hash);
    if (slot !== NO_GHOST) this.#policy.touch(slot);
    else if (weight <= this.#capacity) this.#store(hash, weight, cost);
    return slot !== NO_GHOST;
  }

  remove(hash: number): void {
    const slot = this.#held.find(hash);
    if (slot === NO_GHOST) return;
    this.#policy.remove(slot);
    this.#held.drop(slot);
  }

  /** What the smaller share of `of` would hold by now: those whose hash `stays`, in the order in which it would let them go. */
  inherit(of: Shadow, stays: (hash: number) => boolean): void {
    of.#policy.forEach?.((slot) => {
      const hash = of.#held.hashOf(slot);
      if (stays(hash)) this.#store(hash, of.#held.weightOf(slot), of.#costs.of(slot));
    });
  }

  #store(hash: number, weight: number, cost: number): void {
    const held = this.#held;
    const slot = held.add(HELD, hash, weight);
    this.#costs.set(slot, cost);
    this.#policy.insert(slot, hash, weight, cost);
    for (;;) {
      const left = this.#policy.evict(held.weightIn(HELD) > this.#capacity);
      if (left === NO_SLOT) return;
      held.drop(left);
    }
  }
}
