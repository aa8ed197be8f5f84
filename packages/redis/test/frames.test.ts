import type { Invalidation } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../src/frames.ts';

const text = fc.string({ unit: 'grapheme' });
const invalidation: fc.Arbitrary<Invalidation> = fc.oneof(
  fc.record({ sender: text, kind: fc.constant('delete' as const), keys: fc.array(text) }),
  fc.record({
    sender: text,
    kind: fc.constant('tags' as const),
    stamps: fc.dictionary(text, text, { noNullPrototype: true }),
  }),
  fc.record({ sender: text, kind: fc.constant('clear' as const) }),
);

describe('frames', () => {
  test('carry every invalidation, or none', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 64 }),
        fc.nat(),
        fc.option(invalidation, { nil: undefined }),
        (from, sequence, message) => {
          expect(decodeFrame(encodeFrame({ from, sequence, message }))).toEqual({ from, sequence, message });
        },
      ),
    );
  });

  test('are never taken from anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (garbage) => {
        expect(decodeFrame(garbage)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['of another version', { v: 2, from: 'a', sequence: 1 }],
    ['without a sender', { v: 1, sequence: 1 }],
    ['with half a number', { v: 1, from: 'a', sequence: 1.5 }],
    ['with an unknown kind', { v: 1, from: 'a', sequence: 1, message: { sender: 's', kind: 'shout' } }],
    [
      'with keys that are no strings',
      { v: 1, from: 'a', sequence: 1, message: { sender: 's', kind: 'delete', keys: [1] } },
    ],
    [
      'with stamps that are no strings',
      { v: 1, from: 'a', sequence: 1, message: { sender: 's', kind: 'tags', stamps: { a: 1 } } },
    ],
  ])('%s are not understood', (_, frame) => {
    expect(decodeFrame(JSON.stringify(frame))).toBeUndefined();
  });

  test('that would be too long say only that something is missing', () => {
    const message = { sender: 's', kind: 'delete' as const, keys: ['x'.repeat(1_000_001)] };
    const encoded = encodeFrame({ from: 'a', sequence: 1, message });
    expect(encoded.length).toBeLessThan(100);
    expect(decodeFrame(encoded)).toEqual({ from: 'a', sequence: 1, message: undefined });
    expect(decodeFrame(`{"v":1,"from":"a","sequence":1,"pad":"${'x'.repeat(1_000_000)}"}`)).toBeUndefined();
  });
});
