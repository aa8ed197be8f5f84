import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GdsfOptions, gdsf, KvasirError, type Objective } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';
import { stepsFor } from '../support/slow-policy.ts';

interface Priced {
  weight: number;
  cost: number;
  frequency: number;
  priority: number;
}

/** Priorities in a Map, requests counted exactly. It is told who left, and says whether that was right: equal priorities are equally right. */
class SlowGdsf {
  readonly entries = new Map<string, Priced>();
  readonly counts = new Map<string, number>();
  clock = 0;
  readonly #objective: Objective;

  constructor(objective: Objective) {
    this.#objective = objective;
  }

  gain({ weight, cost }: Priced): number {
    if (this.#objective === 'hits') return 1;
    return this.#objective === 'bytes' ? weight : Math.max(1, cost);
  }

  count(key: string): number {
    const count = Math.min(15, (this.counts.get(key) ?? 0) + 1);
    this.counts.set(key, count);
    return count;
  }

  touch(key: string, entry: Priced): void {
    entry.frequency = Math.max(entry.frequency + 1, this.count(key));
    entry.priority = this.clock + this.worth(entry);
  }

  resize(entry: Priced, weight: number, cost: number): void {
    const clock = entry.priority - this.worth(entry);
    Object.assign(entry, { weight, cost });
    entry.priority = clock + this.worth(entry);
  }

  worth(entry: Priced): number {
    return (entry.frequency * this.gain(entry)) / entry.weight;
  }

  /** `left`, in this order, had to make room for `key`; when it is the last of them, it was refused. */
  admit(key: string, weight: number, cost: number, left: readonly string[]): void {
    const entry: Priced = { weight, cost, frequency: this.count(key), priority: 0 };
    let worth = 0;
    let displaced = 0;
    for (const one of left) {
      const [least] = [...this.entries.values()].sort((a, b) => a.priority - b.priority);
      const victim = one === key ? least : this.entries.get(one);
      if (victim !== undefined) {
        worth += (this.counts.get(this.#keyOf(victim)) ?? 0) * this.gain(victim);
        displaced += victim.weight;
      }
      const own = (this.counts.get(key) ?? 0) * this.gain(entry);
      if (one === key) {
        // Of several at the least priority any may have been weighed.
        const ties = [...this.entries.values()].filter((other) => other.priority === least?.priority);
        if (ties.length < 2 && victim !== undefined) assert.ok(own * displaced <= worth * weight, `${key} was refused`);
        return;
      }
      assert.ok(victim !== undefined && least !== undefined, `${one} left, but was not here`);
      assert.ok(victim.priority <= least.priority + 1e-9, `${one} left, but was not the least`);
      assert.ok(own * displaced > worth * weight, `${key} was admitted for ${one}`);
      this.clock = victim.priority;
      this.entries.delete(one);
    }
    entry.priority = this.clock + this.worth(entry);
    this.entries.set(key, entry);
  }

  /** `left` had to go for a new value. */
  leave(left: readonly string[]): void {
    for (const one of left) {
      const victim = this.entries.get(one);
      const least = Math.min(...[...this.entries.values()].map((other) => other.priority));
      assert.ok(victim !== undefined && victim.priority <= least + 1e-9, `${one} left, but was not the least`);
      this.clock = victim.priority;
      this.entries.delete(one);
    }
  }

  #keyOf(entry: Priced): string {
    for (const [key, other] of this.entries) if (other === entry) return key;
    return '';
  }
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof KvasirError ? error.code : String(error);
  }
}

describe('gdsf', () => {
  it.each(['hits', 'bytes', 'cost'] as const)(
    'for %s, lets go of the least priority, and admits what is worth more than it displaces',
    (objective) => {
      const costs = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 5 });
      fc.assert(
        fc.property(fc.integer({ min: 15, max: 60 }), stepsFor(12), costs, (capacity, steps, costsOf) => {
          const store = new PolicyStore(gdsf({ objective }), capacity, 'bytes');
          const slow = new SlowGdsf(objective);
          for (const [at, { key, weight, kind }] of steps.entries()) {
            const cost = costsOf[at % 5] ?? 0;
            const left: string[] = [];
            const known = slow.entries.get(key);
            if (kind === 'remove') {
              store.remove(key);
              slow.entries.delete(key);
            } else if (kind === 'resize' && known !== undefined) {
              store.resize(key, weight, (gone) => left.push(gone), cost);
              slow.resize(known, weight, cost);
              slow.leave(left);
            } else if (kind === 'ask') {
              store.ask(key, weight, (gone) => left.push(gone), cost);
              if (known === undefined) slow.admit(key, weight, cost, left);
              else slow.touch(key, known);
            }
            assert.deepEqual(store.keys, [...slow.entries.keys()].sort());
            const priorities = store.visited.map((one) => slow.entries.get(one)?.priority ?? 0);
            for (const [next, priority] of priorities.slice(1).entries())
              assert.ok(priority >= (priorities[next] ?? 0) - 1e-9, 'visited out of order');
          }
        }),
      );
    },
  );

  it('keeps many small entries rather than one large one, if hits count', () => {
    const store = new PolicyStore(gdsf(), 100, 'bytes');
    for (let round = 0; round < 2; round++) for (let i = 0; i < 10; i++) store.ask(`small ${i}`, 10);
    for (let round = 0; round < 9; round++) store.ask('large', 100);
    expect(store.has('large')).toBe(false);
    expect(store.size).toBe(10);
  });

  it('keeps the large one, if bytes count', () => {
    const store = new PolicyStore(gdsf({ objective: 'bytes' }), 100, 'bytes');
    for (let round = 0; round < 2; round++) for (let i = 0; i < 10; i++) store.ask(`small ${i}`, 10);
    for (let round = 0; round < 9; round++) store.ask('large', 100);
    expect(store.keys).toEqual(['large']);
  });

  it('keeps what took long to load, if cost counts', () => {
    const store = new PolicyStore(gdsf({ objective: 'cost' }), 3, 'entries');
    for (let round = 0; round < 3; round++)
      for (const key of ['slow', 'a', 'b', 'c', 'd']) store.ask(key, 1, undefined, key === 'slow' ? 900 : 5);
    expect(store.has('slow')).toBe(true);
  });

  it('lets go of what was popular once', () => {
    const store = new PolicyStore(gdsf(), 10, 'entries');
    for (let i = 0; i < 150; i++) store.ask(`old ${i % 10}`);
    for (let i = 0; i < 3_000; i++) store.ask(`new ${i % 9}`);
    expect(store.keys.filter((key) => key.startsWith('new'))).toHaveLength(9);
  });

  it('refuses unknown objectives and options', () => {
    expect(codeOf(() => gdsf({ objective: 'speed' } as unknown as GdsfOptions))).toBe('INVALID_OPTION');
    expect(codeOf(() => gdsf({ goal: 'hits' } as unknown as GdsfOptions))).toBe('INVALID_OPTION');
  });
});
