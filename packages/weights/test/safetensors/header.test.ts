import { KvasirError } from '@kvasir/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerLength, parseHeader, type TensorInfo } from '../../src/safetensors/header.ts';
import { frame, type Written, writeSafetensors } from '../support/safetensors.ts';

function parse(file: Uint8Array): ReadonlyMap<string, TensorInfo> {
  const length = headerLength(file.subarray(0, 8), file.byteLength);
  return parseHeader(file.subarray(8, 8 + length), file.byteLength);
}

const BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1, BOOL: 1, F8_E4M3: 1 };

const tensors = fc
  .uniqueArray(
    fc.record({
      name: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'модель.w', '7')),
      dtype: fc.constantFrom(...Object.keys(BYTES)),
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  )
  .map((drawn) =>
    drawn
      .filter(({ name }) => name !== '__metadata__')
      .map(({ name, dtype, shape }, i): Written => {
        const length = shape.reduce((product, n) => product * n, 1) * (BYTES[dtype] ?? 0);
        return { name, dtype, shape, bytes: new Uint8Array(length).fill(i + 1) };
      }),
  );

test('reads back what was written: names, dtypes, shapes and where the bytes are', () => {
  fc.assert(
    fc.property(
      tensors,
      fc.option(fc.dictionary(fc.string(), fc.string()), { nil: undefined }),
      (written, metadata) => {
        const file = writeSafetensors(written, metadata);
        const read = parse(file);
        expect(read.size).toBe(written.length);
        for (const { name, dtype, shape, bytes } of written) {
          const info = read.get(name);
          expect(info).toMatchObject({ name, dtype, shape });
          expect(info && Buffer.compare(file.subarray(info.start, info.end), bytes)).toBe(0);
        }
      },
    ),
  );
});

const f32 = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

test.each<[why: string, header: string | object, dataBytes: number]>([
  ['does not begin with {', ' {}', 0],
  ['does not begin with {', '[]', 0],
  ['is not JSON', '{"a"', 0],
  ['is not JSON', '{"a":1}x', 0],
  ['unknown dtype', { a: 1 }, 0],
  ['unknown dtype', { a: null }, 0],
  ['unknown dtype', { a: { ...f32, dtype: 'F128' } }, 8],
  ['unknown dtype', { a: { ...f32, dtype: 'toString' } }, 8],
  ['no valid shape', { a: { ...f32, shape: [2.5] } }, 8],
  ['no valid shape', { a: { ...f32, shape: [-2] } }, 8],
  ['no valid shape', { a: { ...f32, shape: '2' } }, 8],
  ['no valid data_offsets', { a: { ...f32, data_offsets: [0] } }, 8],
  ['no valid data_offsets', { a: { ...f32, data_offsets: [0, 8, 16] } }, 8],
  ['no valid data_offsets', { a: { ...f32, data_offsets: [-8, 0] } }, 8],
  ['as long as its dtype and shape', { a: { ...f32, data_offsets: [8, 0] } }, 8],
  ['as long as its dtype and shape', { a: { ...f32, data_offsets: [0, 4] } }, 4],
  ['as long as its dtype and shape', { a: { ...f32, shape: [2 ** 40, 2 ** 40, 0.5 * 2] } }, 8],
  ['as long as its dtype and shape', { a: { dtype: 'F4', shape: [3], data_offsets: [0, 2] } }, 2],
  ['where the tensor before it ends', { a: { ...f32, data_offsets: [4, 12] } }, 12],
  ['where the tensor before it ends', { a: f32, b: f32 }, 8],
  ['where the tensor before it ends', { a: f32, b: { ...f32, data_offsets: [4, 12] } }, 12],
  ['where the tensor before it ends', { a: f32, b: { ...f32, data_offsets: [12, 20] } }, 20],
  ['where the file ends', { a: f32 }, 9],
  ['where the file ends', { a: f32 }, 7],
  ['where the file ends', {}, 1],
  ['metadata is not text', { __metadata__: { a: 1 } }, 0],
  ['metadata is not text', { __metadata__: [] }, 0],
])('refuses a header that %s: %j with %i bytes', (why, header, dataBytes) => {
  expect(() => parse(frame(header, new Uint8Array(dataBytes)))).toThrow(why);
});

test('refuses a header longer than the file or than 100 MB, before it is read', () => {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(2n ** 63n);
  expect(() => headerLength(prefix, 1000)).toThrow('too long');
  prefix.writeBigUInt64LE(993n);
  expect(() => headerLength(prefix, 1000)).toThrow('too long');
  expect(headerLength(prefix, 1001)).toBe(993);
  prefix.writeBigUInt64LE(100_000_001n);
  expect(() => headerLength(prefix, 2 ** 40)).toThrow('too long');
  expect(() => headerLength(new Uint8Array(7), 7)).toThrow('shorter');
});

test('refuses a header that is not UTF-8', () => {
  const file = Buffer.from(frame('{"a":"??"}'));
  file.write('\xff\xfe', 14, 'latin1');
  expect(() => parse(file)).toThrow('is not JSON');
});

test('answers any bytes with tensors or DECODE_FAILED, never with another error', () => {
  const start = writeSafetensors([{ name: 'a', dtype: 'F32', shape: [2], bytes: new Uint8Array(8) }]);
  const edit = fc.record({ at: fc.nat(start.byteLength - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const file = Uint8Array.from(start);
      for (const { at, byte } of edits) file[at] = byte;
      try {
        for (const { start: from, end } of parse(file).values()) expect(end - from).toBeLessThanOrEqual(8);
      } catch (error) {
        expect(error).toBeInstanceOf(KvasirError);
        expect((error as KvasirError).code).toBe('DECODE_FAILED');
      }
    }),
    { numRuns: 1000 },
  );
});
