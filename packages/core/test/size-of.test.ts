import { sizeOf } from '@kvasir/core';
import { describe, expect, it } from 'vitest';

describe('sizeOf', () => {
  it('counts buffers by the byte, and strings by two bytes a character', () => {
    expect(sizeOf(new Uint8Array(1_000)) - sizeOf(new Uint8Array(0))).toBe(1_000);
    expect(sizeOf(new ArrayBuffer(1_000)) - sizeOf(new ArrayBuffer(0))).toBe(1_000);
    expect(sizeOf('x'.repeat(1_000)) - sizeOf('')).toBe(2_000);
    expect(sizeOf({ page: 'x'.repeat(1_000) })).toBeGreaterThan(2_000);
  });

  it('counts what Map, Set, array and object hold', () => {
    const text = 'x'.repeat(500);
    for (const holder of [new Map([[1, text]]), new Map([[text, 1]]), new Set([text]), [text], { text }, [[{ text }]]])
      expect(sizeOf(holder)).toBeGreaterThan(1_000);
  });

  it('ends on cycles, counts what is shared once, and takes every kind of value', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(sizeOf(loop)).toBeLessThan(100);
    const shared = 'x'.repeat(1_000).split('');
    expect(sizeOf([shared, shared])).toBeLessThan(2 * sizeOf(shared));
    for (const value of [undefined, null, 0, NaN, true, 1n, Symbol('s'), () => 1, new Date(), Object.create(null)])
      expect(sizeOf(value)).toBeGreaterThan(0);
  });

  it('walks no more than 2,000 nodes, and guesses the rest from them', () => {
    let reads = 0;
    const rows = Array.from({ length: 100_000 }, () => ({
      get name(): string {
        reads += 1;
        return 'x'.repeat(100);
      },
    }));
    const size = sizeOf(rows);
    expect(reads).toBeLessThanOrEqual(2_000);
    expect(size).toBeGreaterThan(2_000_000);
    expect(size).toBeLessThan(40_000_000);
  });
});
