import { endianness } from 'node:os';
import { KvasirError } from '@kvasir/core';

/** Bits of an element, for every dtype of the safetensors format. */
const BITS = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E5M2FNUZ: 8,
  F8_E4M3FNUZ: 8,
  F6_E3M2: 6,
  F6_E2M3: 6,
  F4: 4,
} as const;

export type Dtype = keyof typeof BITS;

export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(BITS, value);
}

/** Bytes of a tensor; undefined when its bits fill no whole bytes or are more than can be counted. */
export function byteLength(dtype: Dtype, shape: readonly number[]): number | undefined {
  const elements = shape.reduce((product, length) => product * length, 1);
  const bits = elements * BITS[dtype];
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : undefined;
}

/**
 * A view on `bytes`, which begin at offset 0 of their buffer. Dtypes that JavaScript has no array for come as they are stored: F16 and BF16 as
 * Uint16Array of bits, C64 as Float32Array of pairs, 8-bit floats and BOOL and what is packed smaller as Uint8Array.
 */
export function viewAs(dtype: Dtype, bytes: Uint8Array): TensorData {
  // The format is little-endian, and typed arrays are what the machine is.
  if (endianness() === 'BE') throw new KvasirError('DECODE_FAILED', 'tensors cannot be read on a big-endian machine');
  const { buffer, byteOffset, byteLength: length } = bytes;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer, byteOffset, length / 8);
    case 'F32':
    case 'C64':
      return new Float32Array(buffer, byteOffset, length / 4);
    case 'I64':
      return new BigInt64Array(buffer, byteOffset, length / 8);
    case 'U64':
      return new BigUint64Array(buffer, byteOffset, length / 8);
    case 'I32':
      return new Int32Array(buffer, byteOffset, length / 4);
    case 'U32':
      return new Uint32Array(buffer, byteOffset, length / 4);
    case 'I16':
      return new Int16Array(buffer, byteOffset, length / 2);
    case 'F16':
    case 'BF16':
    case 'U16':
      return new Uint16Array(buffer, byteOffset, length / 2);
    case 'I8':
      return new Int8Array(buffer, byteOffset, length);
    case 'U8':
    case 'BOOL':
    case 'F8_E5M2':
    case 'F8_E4M3':
    case 'F8_E8M0':
    case 'F8_E5M2FNUZ':
    case 'F8_E4M3FNUZ':
    case 'F6_E3M2':
    case 'F6_E2M3':
    case 'F4':
      return bytes;
  }
}
