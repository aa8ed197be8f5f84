import { describe, expect, it } from 'vitest';
import { lfu } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';

interface Counted extends Weighed {
  count: number;
  /** Larger: used later, among equal counts. */
  order: number;
}

/** Counts, sorted anew for every victim. */
class SlowLfu implements SlowPolicy {
  #entries: Counted[] = [];
  #requests = 0;
  #clock = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get keys(): readonly string[] {
    return this.#sorted().map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const known = this.#entries.find((one) => one.key === key);
    if (known === undefined) this.#entries.push({ key, weight, count: 1, order: this.#clock++ });
    else Object.assign(known, { count: Math.min(255, known.count + 1), order: this.#clock++ });
    this.#age();
    return known === undefined ? this.#makeRoom(key) : [];
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of this.#entries) if (one.key === key) one.weight = weight;
    return this.#makeRoom();
  }

  remove(key: string): void {
    this.#entries = without(this.#entries, key);
  }

  #makeRoom(newcomer?: string): readonly string[] {
    const left: string[] = [];
    while (weightOf(this.#entries) > this.#capacity) {
      const others = this.#sorted().filter((one) => one.key !== newcomer);
      const [victim = newcomer ?? ''] = others.map((one) => one.key);
      this.remove(victim);
      left.push(victim);
    }
    return left;
  }

  #sorted(): Counted[] {
    return [...this.#entries].sort((a, b) => a.count - b.count || a.order - b.order);
  }

  #age(): void {
    if (++this.#requests < this.#entries.length * 10) return;
    this.#requests = 0;
    // Counts 2n and 2n + 1 meet in n: first those from 2n, each in order.
    for (const one of this.#sorted()) {
      one.count >>>= 1;
      one.order = this.#clock++;
    }
  }
}

describe('lfu', () => {
  it('evicts exactly the least used, the longest unused first, and halves what it knows every ten requests an entry', () => {
    compareWithModel(lfu(), (capacity) => new SlowLfu(capacity));
  });

  it('keeps what is asked for often through a scan ten times its size', () => {
    const store = new PolicyStore(lfu(), 10);
    for (let round = 0; round < 5; round++) for (let i = 0; i < 9; i++) store.ask(`hot ${i}`);
    for (let i = 0; i < 100; i++) store.ask(`scan ${i}`);
    expect(store.keys.filter((key) => key.startsWith('hot'))).toHaveLength(9);
  });

  it('lets go of what was popular once', () => {
    const store = new PolicyStore(lfu(), 10);
    for (let i = 0; i < 1_000; i++) store.ask(`old ${i % 10}`);
    for (let i = 0; i < 2_000; i++) store.ask(`new ${i % 9}`);
    expect(store.keys.filter((key) => key.startsWith('new'))).toHaveLength(9);
  });
});
