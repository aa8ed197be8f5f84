import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { admitAbove, KvasirError, lru, NO_SLOT, type PolicyFactory } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';
import { randomFrom, zipf } from '../support/traces.ts';

/** Counts every key exactly, looks at every resident, inner policy LRU; as written in the essay, without a trick. */
class SlowAdmission {
  residents: { key: string; count: number }[] = [];
  readonly #counts = new Map<string, number>();
  readonly #threshold: number;
  readonly #capacity: number;
  readonly #window: number;
  #recency: string[] = [];
  #total = 0;

  constructor(threshold: number, capacity: number) {
    this.#threshold = threshold;
    this.#capacity = capacity;
    this.#window = 10 / threshold;
  }

  ask(key: string): void {
    const wanted = (this.#counts.get(key) ?? 0) > this.#limit();
    this.#counts.set(key, Math.min(15, (this.#counts.get(key) ?? 0) + 1));
    this.#total++;
    const resident = this.residents.find((one) => one.key === key);
    if (resident !== undefined || wanted) {
      this.#forget(key);
      this.residents.push({ key, count: this.#counts.get(key) ?? 0 });
      this.#recency.push(key);
    }
    const hadToStay = resident !== undefined;
    if (this.#total >= this.#window) this.#halve(hadToStay);
    if (hadToStay) return;
    this.#leaveFallen();
    if (this.residents.length >= 1 / this.#threshold) this.#forget(this.#lowest());
    if (this.residents.length > this.#capacity) this.#forget(this.#recency[0] ?? '');
  }

  /** After a hit nobody asks who leaves: those who fell wait for the next newcomer. */
  readonly #fallen = new Set<string>();

  #leaveFallen(): void {
    for (const key of this.#fallen) this.#forget(key);
    this.#fallen.clear();
  }

  #limit(): number {
    return this.#threshold * Math.max(this.#total, this.#window * 0.4) + 1e-9;
  }

  #halve(later: boolean): void {
    let odd = 0;
    for (const [key, count] of this.#counts) {
      if (count < 15) odd += count & 1;
      this.#counts.set(key, count >>> 1);
    }
    this.#total = (this.#total - odd) / 2;
    const sorted = [...this.residents].sort((a, b) => a.count - b.count);
    this.residents = sorted.map(({ key, count }) => ({ key, count: count >>> 1 }));
    for (const { key, count } of this.residents) if (count <= this.#limit()) this.#fallen.add(key);
    if (!later) this.#leaveFallen();
  }

  #lowest(): string {
    return [...this.residents].sort((a, b) => a.count - b.count)[0]?.key ?? '';
  }

  #forget(key: string): void {
    this.residents = this.residents.filter((one) => one.key !== key);
    this.#recency = this.#recency.filter((one) => one !== key);
  }
}

const roundRobin = (keys: number, requests: number): string[] =>
  Array.from({ length: requests }, (_, request) => `k${request % keys}`);

function inRandomOrder(keys: number, requests: number, seed: number): string[] {
  const random = randomFrom(seed);
  return Array.from({ length: requests }, () => `k${Math.floor(random() * keys)}`);
}

/** The most residents that there ever were, and their number after each request on average over the second half. */
function occupancy(make: PolicyFactory, capacity: number, trace: readonly string[]): { most: number; mean: number } {
  const store = new PolicyStore(make, capacity, 'bytes');
  let most = 0;
  let sum = 0;
  for (const [at, key] of trace.entries()) {
    store.ask(key);
    most = Math.max(most, store.size);
    if (at >= trace.length / 2) sum += store.size;
  }
  return { most, mean: sum / (trace.length / 2) };
}

describe('admitAbove', () => {
  afterEach(() => vi.restoreAllMocks());

  it('keeps exactly what counting every key would keep', () => {
    const threshold = fc.constantFrom(0.5, 0.3, 0.1, 0.07, 1 / 49);
    const visit = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map((n) => `k${Math.floor((n * n) / 60)}`),
      times: fc.integer({ min: 1, max: 9 }),
    });
    const visits = fc.array(visit, { maxLength: 100, size: 'max' });
    fc.assert(
      fc.property(threshold, fc.integer({ min: 1, max: 8 }), visits, (theta, capacity, visits) => {
        const store = new PolicyStore(admitAbove(theta, lru()), capacity, 'bytes');
        const slow = new SlowAdmission(theta, capacity);
        for (const key of visits.flatMap(({ key, times }) => Array.from({ length: times }, () => key))) {
          store.ask(key);
          slow.ask(key);
          assert.deepEqual(store.keys, slow.residents.map((one) => one.key).sort());
        }
      }),
      { numRuns: 50 },
    );
  });

  describe("in the article's uniform case, capacity 100 and θ = 0.1", () => {
    const policy = admitAbove(0.1, lru());
    const store = (): PolicyStore => new PolicyStore(policy, 100, 'bytes');

    it.each([1, 2, 5, 8, 9])('keeps all of %i keys asked for in turns, and leaves the other slots empty', (keys) => {
      const kept = store();
      for (const key of roundRobin(keys, 1_000)) kept.ask(key);
      let hits = 0;
      for (const key of roundRobin(keys, 50_000)) if (kept.ask(key) && kept.size === keys) hits++;
      expect(hits).toBe(50_000);
    });

    it.each([10, 11, 20, 100, 1_000])('keeps none of %i keys asked for in turns', (keys) => {
      expect(occupancy(policy, 100, roundRobin(keys, 50_000)).most).toBe(0);
    });

    it.each([1, 5, 9, 10, 12, 20, 50, 200])('leaves at least 91 slots empty with %i keys in random order', (keys) => {
      expect(occupancy(policy, 100, inRandomOrder(keys, 50_000, keys)).most).toBeLessThanOrEqual(9);
    });

    it('keeps most of the keys that are clearly above θ in random order, and next to none that are clearly below', () => {
      const mean = (keys: number): number => occupancy(policy, 100, inRandomOrder(keys, 100_000, keys)).mean;
      expect(mean(5)).toBeGreaterThan(4.9);
      expect(mean(7)).toBeGreaterThan(6);
      expect(mean(20)).toBeLessThan(1);
      expect(mean(40)).toBeLessThan(0.05);
      expect(mean(100)).toBeLessThan(0.001);
    });
  });

  it('fills C slots when θ is below 1/C, and not when it is 1/C', () => {
    for (const capacity of [7, 20, 49, 50]) {
      const keys = roundRobin(capacity, 400 * capacity);
      expect(occupancy(admitAbove(1 / capacity, lru()), capacity, keys).most).toBe(0);
      expect(occupancy(admitAbove(1 / (capacity + 1), lru()), capacity, keys).mean).toBe(capacity);
    }
  });

  it('admits nobody because of start-up noise, or because a scan has emptied the counters', () => {
    const store = new PolicyStore(admitAbove(0.1, lru()), 100, 'bytes');
    for (const key of ['a', 'a', 'a', 'b', 'b']) store.ask(key);
    expect(store.keys).toEqual([]);
    for (let i = 0; i < 150; i++) store.ask(`scan ${i}`);
    for (const key of ['c', 'c', 'c', 'c']) store.ask(key);
    expect(store.keys).toEqual([]);
  });

  it('is not polluted: a scan pushes nothing out', () => {
    const store = new PolicyStore(admitAbove(0.05, lru()), 10, 'bytes');
    for (const key of roundRobin(8, 800)) store.ask(key);
    for (let i = 0; i < 40; i++) store.ask(`scan ${i}`);
    expect(store.size).toBe(8);
  });

  it('lets go of a resident whose probability has fallen, at the next newcomer after the halving', () => {
    const store = new PolicyStore(admitAbove(0.1, lru()), 100, 'bytes');
    for (const key of roundRobin(2, 100)) store.ask(key);
    expect(store.keys).toEqual(['k0', 'k1']);
    for (const key of inRandomOrder(50, 400, 1)) store.ask(`other ${key}`);
    expect(store.has('k0')).toBe(false);
  });

  it('never holds 1/θ entries, however many become popular between two halvings', () => {
    for (let phase = 0; phase < 60; phase += 6) {
      const newcomers = Array.from({ length: 400 }, (_, at) => `new ${Math.floor(at / 8)}`);
      const trace = [...roundRobin(9, 1_000 + phase), ...newcomers];
      expect(occupancy(admitAbove(0.1, lru()), 100, trace).most).toBe(9);
    }
  });

  it('leaves to the inner policy who goes when room is short', () => {
    const store = new PolicyStore(admitAbove(0.1, lru()), 2, 'bytes');
    const left: string[] = [];
    for (const key of roundRobin(4, 200)) store.ask(key);
    store.ask('k0', 1, (gone) => left.push(gone));
    store.ask('k1', 1, (gone) => left.push(gone));
    expect(left).toHaveLength(2);
    expect(store.keys).toEqual(['k0', 'k1']);
  });

  it('names the unwanted newcomer before room is short, and once', () => {
    const policy = admitAbove(0.1, lru())(100);
    policy.insert(0, 12_345, 1);
    policy.insert(1, 54_321, 1);
    expect([policy.evict(false), policy.evict(false), policy.evict(false)]).toEqual([0, 1, NO_SLOT]);
  });

  it('needs little memory for any θ', () => {
    const store = new PolicyStore(admitAbove(1e-12, lru()), 5, 'bytes');
    for (const key of zipf(1_000, 20, 1, 1)) store.ask(key);
    expect(store.size).toBe(5);
  });

  it('warns once, at construction, when θ can never fill a store that counts entries', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const make = admitAbove(0.1, lru());
    make(9, 'entries');
    make(1_000_000, 'bytes');
    make(1_000_000);
    admitAbove('auto', lru())(100, 'entries');
    expect(warn).not.toHaveBeenCalled();
    make(100, 'entries');
    expect(warn).toHaveBeenCalledOnce();
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/at most 9 of 100 .* below 0\.01$/), {
      code: 'KVASIR_THETA',
    });
    make(10, 'entries');
    admitAbove(1 / 49, lru())(49, 'entries');
    expect(warn).toHaveBeenLastCalledWith(expect.stringContaining('at most 48 of 49'), { code: 'KVASIR_THETA' });
    expect(warn).toHaveBeenCalledTimes(3);
  });

  it.each([0, 1, -0.1, 1.5, Number.NaN, '0.1', 'Auto', undefined])('refuses θ = %s', (threshold) => {
    expect(() => admitAbove(threshold as number, lru())).toThrow(KvasirError);
  });

  it('refuses an inner policy that is not a factory', () => {
    expect(() => admitAbove(0.1, lru()(5) as never)).toThrow('inner');
  });
});
