import assert from 'node:assert/strict';
import type { Entry } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Page } from '../src/page.ts';

const START = 1_767_225_600_000;
const DAY = 86_400_000;

const instant = fc.oneof(
  fc.integer({ min: START - 5 * DAY, max: START + 60 * DAY }),
  fc.constantFrom(Infinity, -Infinity, 0, START, START + 2 ** 32 - 1, START - 2 ** 28, START + 0.5, 1e-20, 1e300),
  fc.double({ noNaN: true }),
);
const amount = fc.oneof(fc.nat(100_000), fc.constantFrom(0, 0.1, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 1e15));
const entry: fc.Arbitrary<Entry> = fc.record({
  value: fc.constantFrom<unknown>(undefined, null, 0, 'text'),
  storedAt: instant,
  staleAt: instant,
  expiresAt: instant,
  tags: fc.constantFrom<string[]>([], [], ['a'], ['a', 'b']),
  stamps: fc.constantFrom<string[]>([], [], ['s']),
  size: amount,
  cost: amount,
});

describe('Page', () => {
  it('gives back every field of an entry exactly, whatever else it holds and whenever it chose its base', () => {
    const step = fc.record({ at: fc.nat(7), entry, laterMs: fc.constantFrom(0, 0, 1_000, 20 * DAY) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = START;
        const page = new Page(now);
        page.grow(4);
        const kept = new Map<number, Entry>();
        for (const { at, entry: written, laterMs } of steps) {
          now += laterMs;
          if (at >= page.capacity) page.grow(8);
          page.name(at, 'key', 0, 0);
          page.write(at, written, now);
          kept.set(at, written);
          for (const [other, expected] of kept) {
            const found = page.read(other);
            assert.deepEqual({ ...found }, { ...expected });
            assert.equal(page.expiryAt(other), expected.expiresAt);
            assert.equal(page.sizeAt(other), expected.size);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes apart what most entries are, and needs columns for cost, grace and space only once there is any', () => {
    const page = new Page(START);
    page.grow(64);
    const plain = { value: 1, storedAt: START, staleAt: START + DAY, tags: [], stamps: [], size: 100, cost: 0 };
    page.name(0, 'key', 0, 5);
    page.write(0, { ...plain, expiresAt: plain.staleAt }, START);
    page.write(1, { ...plain, staleAt: Infinity, expiresAt: Infinity }, START);
    expect([page.costs, page.graces, page.spaces, page.wholes]).toEqual([undefined, undefined, undefined, undefined]);
    page.name(2, 'key', 65_535, 5);
    page.write(2, { ...plain, expiresAt: Infinity, cost: 30 }, START);
    page.write(3, { ...plain, expiresAt: plain.staleAt + DAY }, START);
    expect([page.costs?.[2], page.spaceAt(2), page.spaceAt(0), page.wholes]).toEqual([30, 65_535, 0, undefined]);
  });

  it('still takes entries apart after years', () => {
    const page = new Page(START);
    page.grow(64);
    for (let day = 0; day < 1_000; day += 3) {
      const now = START + day * DAY;
      const times = { storedAt: now, staleAt: now + 30 * DAY, expiresAt: now + 36 * DAY };
      page.name(day % 64, 'key', 0, 0);
      page.write(day % 64, { value: day, ...times, tags: [], stamps: [], size: 1, cost: 0 }, now);
      assert.equal(page.wholeAt(day % 64), undefined, `day ${day}`);
      assert.equal(page.expiryAt(day % 64), times.expiresAt);
    }
  });
});
