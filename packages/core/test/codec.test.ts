import { bytes, structured } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('structured()', () => {
  const codec = structured<unknown>();
  const through = (value: unknown): unknown => codec.decode(codec.encode(value));

  it.each([
    ['a Date', new Date(0)],
    ['a BigInt', 2n ** 80n],
    ['a Map', new Map<unknown, unknown>([[{ a: 1 }, new Set([1])]])],
    ['a Set', new Set(['x', NaN])],
    ['a typed array', new Float32Array([1.5, -0])],
    ['a Buffer', Buffer.from('bytes')],
    ['an Error', new RangeError('too far')],
    ['a RegExp', /a+b/giu],
    ['NaN', NaN],
    ['-0', -0],
    ['undefined in an object', { a: undefined }],
    ['null', null],
    ['an empty string', ''],
    ['half a surrogate pair', '\ud83c'],
    ['a sparse array', Array.from({ length: 3 })],
  ])('keeps %s', (_, value) => {
    expect(through(value)).toStrictEqual(value);
    expect(Object.is(through(value), value) || typeof value === 'object').toBe(true);
  });

  it('keeps cycles and shared parts', () => {
    const shared = { name: 'shared' };
    const value = { a: shared, b: shared, self: undefined as unknown };
    value.self = value;
    const copy = through(value) as typeof value;
    expect([copy.self === copy, copy.a === copy.b]).toEqual([true, true]);
  });

  it('keeps whatever can be made of plain data', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(through(value)).toStrictEqual(structuredClone(value));
      }),
    );
  });

  it('throws on what is code, and on bytes that are none of its own', () => {
    for (const value of [() => 1, Symbol('s'), { f: () => 1 }]) expect(() => codec.encode(value)).toThrow();
    for (const text of ['', 'x', '\xff\x0f']) expect(() => codec.decode(Buffer.from(text, 'latin1'))).toThrow();
  });

  it('keeps no window on the bytes that it was lent', () => {
    const lent = Buffer.from(codec.encode({ tensor: new Float32Array([1, 2]), raw: Buffer.from('raw') }));
    const { tensor, raw } = codec.decode(lent) as { tensor: Float32Array; raw: Buffer };
    lent.fill(0);
    expect([[...tensor], raw.toString()]).toEqual([[1, 2], 'raw']);
  });
});

describe('bytes', () => {
  it('gives back the same bytes, in memory of its own', () => {
    const value = new Uint8Array([1, 2, 3]);
    const lent = Uint8Array.from(bytes.encode(value));
    const copy = bytes.decode(lent.subarray(1));
    lent.fill(0);
    expect([[...copy], copy.byteLength, bytes.sizeOf?.(value)]).toEqual([[2, 3], 2, 3]);
  });
});
