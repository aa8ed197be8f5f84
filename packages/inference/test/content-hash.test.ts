import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashContent } from '../src/content-hash.ts';

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: false,
});
const distinct: readonly unknown[] = [
  Float32Array.of(1, 2),
  Int32Array.of(1, 2),
  new Float32Array(Int32Array.of(1, 2).buffer),
  Float64Array.of(1, 2),
  Float32Array.of(1, 2, 0),
  Uint8Array.of(1, 2),
  Uint8ClampedArray.of(1, 2),
  Buffer.of(1, 2),
  Uint8Array.of(1, 2).buffer,
  new DataView(Uint8Array.of(1, 2).buffer),
  [1, 2],
  [[1], 2],
  ['1', 2],
  ['1,2'],
  '1,2',
  { data: Float32Array.of(1, 2), dims: [1, 2] },
  { data: Float32Array.of(1, 2), dims: [2, 1] },
  { 0: 1, 1: 2 },
  new Map([[1, 2]]),
  new Set([1, 2]),
  new Set([2, 1]),
  0,
  -0,
  0n,
  '0',
  Number.NaN,
  null,
  undefined,
  false,
  '',
  [],
  {},
  [undefined],
  { a: undefined },
  '\ud800',
  '\ud801',
  '\ufffd',
  new Date(0),
];

describe('hashContent', () => {
  it('is the same for deeply equal values and another for others', () => {
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const hashes = [hashContent([a]), hashContent([b])];
        fc.pre(!hashes.includes(undefined));
        if (hashes[0] === hashes[1]) expect(isDeepStrictEqual(a, b)).toBe(true);
        expect(hashContent([structuredClone(a)])).toBe(hashes[0]);
      }),
    );
  });

  it('tells values apart that look alike', () => {
    const hashes = distinct.map((value) => hashContent([value]));
    expect(new Set(hashes).size).toBe(distinct.length);
    expect(hashContent(['a', 'b'])).not.toBe(hashContent(['ab']));
    expect(hashContent([[1], []])).not.toBe(hashContent([[], [1]]));
  });

  it('does not care about the order of properties, nor where in memory bytes are', () => {
    expect(hashContent([{ a: 1, b: 2 }])).toBe(hashContent([{ b: 2, a: 1 }]));
    const larger = Uint8Array.of(9, 1, 2, 9);
    expect(hashContent([larger.subarray(1, 3)])).toBe(hashContent([Uint8Array.of(1, 2)]));
  });

  it('takes an instance with data and dims for a tensor, by type and shape', () => {
    class OrtTensor {
      readonly type: string;
      readonly dims: readonly number[];
      readonly data: Uint16Array;
      constructor(type: string, dims: readonly number[]) {
        this.type = type;
        this.dims = dims;
        this.data = Uint16Array.of(1, 2);
      }
    }
    const tensors = [
      new OrtTensor('float16', [2]),
      new OrtTensor('uint16', [2]),
      new OrtTensor('float16', [1, 2]),
      new OrtTensor('float16', [2]),
    ];
    const [first, otherType, otherShape, same] = tensors.map((tensor) => hashContent([tensor]));
    expect(new Set([first, otherType, otherShape]).size).toBe(3);
    expect(same).toBe(first);
  });

  it('has none for what has no content', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [
      () => 1,
      Symbol('s'),
      new (class Model {})(),
      cycle,
      { [Symbol('s')]: 1 },
      new WeakMap(),
      Promise.resolve(),
    ])
      expect(hashContent([value])).toBeUndefined();
  });
});
