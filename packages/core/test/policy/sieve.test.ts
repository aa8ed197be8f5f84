import { describe, expect, it } from 'vitest';
import { sieve } from '../../src/index.ts';
import { hitRatio, PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';
import { withScans, zipf } from '../support/traces.ts';

interface Marked extends Weighed {
  visited: boolean;
}

/** Algorithm 1 of the paper: room is made first, then the object enters at the head. */
class SlowSieve implements SlowPolicy {
  /** Tail first. */
  #queue: Marked[] = [];
  #hand: Marked | undefined;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get keys(): readonly string[] {
    return this.#queue.map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const known = this.#queue.find((one) => one.key === key);
    if (known !== undefined) {
      known.visited = true;
      return [];
    }
    const left: string[] = [];
    while (this.#queue.length > 0 && weightOf(this.#queue) + weight > this.#capacity) left.push(this.#evict());
    if (weight > this.#capacity) return [...left, key];
    this.#queue.push({ key, weight, visited: false });
    return left;
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of this.#queue) if (one.key === key) one.weight = weight;
    const left: string[] = [];
    while (weightOf(this.#queue) > this.#capacity) left.push(this.#evict());
    return left;
  }

  remove(key: string): void {
    if (this.#hand?.key === key) this.#hand = this.#queue[this.#queue.indexOf(this.#hand) + 1];
    this.#queue = without(this.#queue, key);
  }

  #evict(): string {
    for (;;) {
      this.#hand ??= this.#queue[0];
      if (this.#hand === undefined) return '';
      if (!this.#hand.visited) break;
      this.#hand.visited = false;
      this.#hand = this.#queue[this.#queue.indexOf(this.#hand) + 1];
    }
    const { key } = this.#hand;
    this.remove(key);
    return key;
  }
}

describe('sieve', () => {
  it('evicts exactly whom a marked queue with a hand would', () => {
    compareWithModel(sieve(), (capacity) => new SlowSieve(capacity));
  });

  it('leaves the hand where it stopped, so that survivors are not asked again at once', () => {
    const store = new PolicyStore(sieve(), 3);
    const left: string[] = [];
    for (const key of ['a', 'b', 'c', 'a', 'd', 'e', 'b', 'f']) store.ask(key, 1, (gone) => left.push(gone));
    expect(left).toEqual(['b', 'c', 'd', 'e']);
  });

  it('keeps what is popular, also through scans of half its size', () => {
    expect(hitRatio(sieve(), 100, zipf(50_000, 5_000, 0.9, 1))).toBeCloseTo(0.429, 2);
    expect(hitRatio(sieve(), 100, withScans(zipf(50_000, 5_000, 0.9, 1), 1_000, 50))).toBeGreaterThan(0.4);
  });
});
