import { describe, it } from 'vitest';
import { lru } from '../../src/index.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';

/** An array in order of use. */
class SlowLru implements SlowPolicy {
  #used: Weighed[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get keys(): readonly string[] {
    return this.#used.map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const known = this.#used.find((one) => one.key === key);
    this.#used = [...without(this.#used, key), known ?? { key, weight }];
    return this.#makeRoom();
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of this.#used) if (one.key === key) one.weight = weight;
    return this.#makeRoom();
  }

  remove(key: string): void {
    this.#used = without(this.#used, key);
  }

  #makeRoom(): readonly string[] {
    const left: string[] = [];
    while (weightOf(this.#used) > this.#capacity) left.push(...this.#used.splice(0, 1).map((one) => one.key));
    return left;
  }
}

describe('lru', () => {
  it('evicts in exactly the order of last use, for any weights', () => {
    compareWithModel(lru(), (capacity) => new SlowLru(capacity));
  });
});
