import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKey } from '../src/index.ts';

function bitsOf(value: number): number {
  let bits = 0;
  for (let rest = value >>> 0; rest !== 0; rest >>>= 1) bits += rest & 1;
  return bits;
}

const flipped = (key: string, at: number, bit: number): string =>
  key.slice(0, at) + String.fromCharCode(key.charCodeAt(at) ^ (1 << bit)) + key.slice(at + 1);

describe('hashKey', () => {
  it('gives an unsigned 32-bit integer that depends on key and seed only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), (key, seed) => {
        const hash = hashKey(key, seed);
        expect(hash).toBe(hash >>> 0);
        expect(hashKey(`${key}`, seed)).toBe(hash);
      }),
    );
    expect(hashKey('a key', 0)).toBe(hashKey('a key'));
  });

  it('gives these very hashes, here and in every other process', () => {
    expect(['', 'a', 'ab', 'abc', 'å∫ç'].map((key) => hashKey(key, 7))).toEqual([
      807302318, 909523770, 2294511417, 279243367, 1633697219,
    ]);
  });

  it('tells keys apart that differ in one character, in length, in order or by padding', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 0, max: 15 }),
        (key, where, bit) => {
          const other = flipped(key, where % key.length, bit);
          expect(hashKey(other)).not.toBe(hashKey(key));
        },
      ),
      { numRuns: 1_000 },
    );
    expect(new Set(['', '\0', '\0\0', '\0\0\0', 'ab', 'ba', 'abcd', 'cdab'].map((key) => hashKey(key))).size).toBe(8);
  });

  it.each([1, 2, 3, 8, 31, 64])('flips half of the output bits when one input bit of %i characters flips', (length) => {
    const flips = new Array<number>(32).fill(0);
    let samples = 0;
    for (let round = 0; round < 200; round++) {
      const key = Array.from({ length }, (_, i) => String.fromCharCode(32 + (hashKey(`${round} ${i}`) % 90))).join('');
      for (let at = 0; at < length; at++) {
        const change = hashKey(key) ^ hashKey(flipped(key, at, round % 7));
        for (let bit = 0; bit < 32; bit++) flips[bit] = (flips[bit] ?? 0) + ((change >>> bit) & 1);
        samples++;
      }
    }
    for (const count of flips) expect(Math.abs(count / samples - 0.5)).toBeLessThan(3 / Math.sqrt(samples));
  });

  it('lets nobody undo a change by a later one for every seed', () => {
    const changed = (key: string, at: number, bits: number): string =>
      key.slice(0, at) + String.fromCharCode(key.charCodeAt(at) ^ bits) + key.slice(at + 1);
    const key = 'a key that somebody makes many others of';
    for (const high of [0x8000, 0x4000, 0xc000, 0x2000, 0xa000])
      for (const apart of [1, 2, 3, 4, 6])
        for (let bit = 0; bit < 16; bit++) {
          const other = changed(changed(key, 5, high), 5 + apart, 1 << bit);
          let equal = 0;
          for (let seed = 0; seed < 8; seed++) if (hashKey(other, seed) === hashKey(key, seed)) equal++;
          expect(equal).toBe(0);
        }
  });

  it('changes with the seed as much as with the key', () => {
    let bits = 0;
    for (let seed = 0; seed < 1_000; seed++)
      bits += bitsOf(hashKey('product:42', seed) ^ hashKey('product:42', seed + 1));
    expect(bits / 32_000).toBeCloseTo(0.5, 1);
  });

  it('spreads numbered keys over buckets as chance would', () => {
    for (const seed of [0, 1, 0xdeadbeef]) {
      const buckets = new Array<number>(1024).fill(0);
      for (let i = 0; i < 102_400; i++) {
        const bucket = hashKey(`product:${i}`, seed) & 1023;
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      const chiSquared = buckets.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
      expect(Math.abs(chiSquared - 1023)).toBeLessThan(5 * Math.sqrt(2 * 1023));
    }
  });

  it('collides no more often than chance on a hundred thousand keys', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 100_000; i++) seen.add(hashKey(`/api/v1/users/${i}/orders?page=${i % 7}`));
    expect(100_000 - seen.size).toBeLessThan(10);
  });
});
