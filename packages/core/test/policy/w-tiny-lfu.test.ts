import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvasirError, type WTinyLfuOptions, wTinyLfu } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';

interface Weighed {
  readonly key: string;
  readonly weight: number;
}

const weightOf = (list: readonly Weighed[]): number => list.reduce((sum, one) => sum + one.weight, 0);

/** Window, probation and protected as arrays, coldest first; every request counted exactly (fewer than halve the sketch). */
class SlowWTinyLfu {
  window: Weighed[] = [];
  probation: Weighed[] = [];
  hot: Weighed[] = [];
  readonly #counts = new Map<string, number>();
  readonly #capacity: number;
  readonly #windowRoom: number;

  constructor(capacity: number, window: number) {
    this.#capacity = capacity;
    this.#windowRoom = capacity * window;
  }

  get all(): Weighed[] {
    return [...this.window, ...this.probation, ...this.hot];
  }

  ask(key: string, weight: number): string[] {
    this.#counts.set(key, Math.min(15, (this.#counts.get(key) ?? 0) + 1));
    const known = this.all.find((one) => one.key === key);
    if (known !== undefined) {
      this.#touch(known);
      return [];
    }
    const candidates: Weighed[] = [];
    if (weight > this.#windowRoom) candidates.push({ key, weight });
    else this.window.push({ key, weight });
    while (weightOf(this.window) > this.#windowRoom) candidates.push(...this.window.splice(0, 1));
    return this.#duel(candidates);
  }

  remove(key: string): void {
    this.window = this.window.filter((one) => one.key !== key);
    this.probation = this.probation.filter((one) => one.key !== key);
    this.hot = this.hot.filter((one) => one.key !== key);
  }

  #duel(candidates: Weighed[]): string[] {
    const left: string[] = [];
    while (weightOf(this.all) + weightOf(candidates) > this.#capacity) {
      const [candidate] = candidates;
      const [resident = this.window[0]] = [...this.probation, ...this.hot];
      const residentLeaves = candidate === undefined || this.#beats(candidate, resident);
      const leaver = residentLeaves ? resident : candidates.shift();
      if (leaver === undefined) break;
      this.remove(leaver.key);
      left.push(leaver.key);
    }
    this.probation.push(...candidates);
    return left;
  }

  #touch(known: Weighed): void {
    const inWindow = this.window.includes(known);
    this.remove(known.key);
    if (inWindow) {
      this.window.push(known);
      return;
    }
    this.hot.push(known);
    while (weightOf(this.hot) > (this.#capacity - this.#windowRoom) * 0.8)
      this.probation.push(...this.hot.splice(0, 1));
  }

  #beats(candidate: Weighed, resident: Weighed | undefined): boolean {
    const inMain = resident !== undefined && !this.window.includes(resident);
    return inMain && (this.#counts.get(candidate.key) ?? 0) > (this.#counts.get(resident.key) ?? 0);
  }
}

describe('wTinyLfu', () => {
  it('evicts and rejects exactly as three lists and an exact counter would, for any weights, windows and removals', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 40 }).map((n) => `k${Math.floor((n * n) / 80)}`),
      weight: fc.integer({ min: 1, max: 12 }),
      removes: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    });
    const window = fc.constantFrom(0, 0.125, 0.25, 0.5);
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 48 }),
        window,
        fc.array(step, { maxLength: 300, size: 'max' }),
        (capacity, window, steps) => {
          const store = new PolicyStore(wTinyLfu({ window }), capacity, 'bytes');
          const slow = new SlowWTinyLfu(capacity, window);
          for (const { key, weight, removes } of steps) {
            if (removes) {
              store.remove(key);
              slow.remove(key);
              continue;
            }
            const left: string[] = [];
            store.ask(key, weight, (gone) => left.push(gone));
            assert.deepEqual(left, slow.ask(key, weight));
            assert.deepEqual(store.keys, slow.all.map((one) => one.key).sort());
          }
        },
      ),
    );
  });

  it('gives the window at least one entry of a store that counts them', () => {
    const store = new PolicyStore(wTinyLfu(), 10);
    for (let round = 0; round < 5; round++) for (let i = 0; i < 9; i++) store.ask(`hot ${i}`);
    for (let i = 0; i < 100; i++) {
      store.ask(`scan ${i}`);
      expect(store.has(`scan ${i}`)).toBe(true);
    }
    expect(store.keys.filter((key) => key.startsWith('hot'))).toHaveLength(9);
  });

  it('admits an entry heavier than the window, and keeps it once it is asked for more often than the others', () => {
    const store = new PolicyStore(wTinyLfu(), 1_000, 'bytes');
    store.ask('heavy', 900);
    expect(store.has('heavy')).toBe(true);
    for (let i = 0; i < 50; i++) store.ask(`k${i}`, 50);
    expect(store.has('heavy')).toBe(true);
    for (let i = 0; i < 400; i++) store.ask(`k${i % 4}`, 250);
    expect(store.has('heavy')).toBe(false);
    expect(store.keys).toEqual(['k0', 'k1', 'k2', 'k3']);
  });

  it('works as a window alone and as a main cache alone', () => {
    for (const window of [0, 1]) {
      const store = new PolicyStore(wTinyLfu({ window }), 3);
      for (const key of ['a', 'b', 'c', 'a', 'd']) store.ask(key);
      expect(store.keys).toEqual(window === 1 ? ['a', 'c', 'd'] : ['a', 'b', 'c']);
    }
  });

  it.each([{ window: -0.1 }, { window: 1.1 }, { window: Number.NaN }, { window: '1%' }, { windows: 0.1 }, null])(
    'refuses %j',
    (options) => {
      expect(() => wTinyLfu(options as WTinyLfuOptions)).toThrow(KvasirError);
    },
  );
});
