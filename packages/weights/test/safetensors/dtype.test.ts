import { expect, test } from 'vitest';
import { byteLength, type Dtype, viewAs } from '../../src/safetensors/dtype.ts';

test.each<[Dtype, string, number]>([
  ['F64', 'Float64Array', 2],
  ['F32', 'Float32Array', 4],
  ['C64', 'Float32Array', 4],
  ['I64', 'BigInt64Array', 2],
  ['U64', 'BigUint64Array', 2],
  ['I32', 'Int32Array', 4],
  ['U32', 'Uint32Array', 4],
  ['F16', 'Uint16Array', 8],
  ['BF16', 'Uint16Array', 8],
  ['I16', 'Int16Array', 8],
  ['U16', 'Uint16Array', 8],
  ['I8', 'Int8Array', 16],
  ['U8', 'Uint8Array', 16],
  ['BOOL', 'Uint8Array', 16],
  ['F8_E4M3', 'Uint8Array', 16],
  ['F4', 'Uint8Array', 16],
])('views %s as a %s', (dtype, array, length) => {
  const view = viewAs(dtype, new Uint8Array(16));
  expect([view.constructor.name, view.length]).toEqual([array, length]);
});

test('reads little-endian values', () => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, -1.5, true);
  expect([...(viewAs('F64', bytes) as Float64Array)]).toEqual([-1.5]);
});

test('counts bytes by dtype and shape, and refuses bits that fill no byte or cannot be counted', () => {
  expect(byteLength('F32', [])).toBe(4);
  expect(byteLength('F32', [3, 0, 5])).toBe(0);
  expect(byteLength('F4', [3, 2])).toBe(3);
  expect(byteLength('F4', [3])).toBeUndefined();
  expect(byteLength('U8', [2 ** 30, 2 ** 30])).toBeUndefined();
});
