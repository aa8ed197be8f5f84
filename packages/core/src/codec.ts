import { deserialize, serialize } from 'node:v8';
import { sizeOf } from './size-of.ts';

/** How a namespace's values become bytes for a remote tier. `id` travels in the envelope: another id is a miss. */
export interface Codec<V> {
  readonly id: string;
  /** The returned bytes belong to the caller. */
  encode(value: V): Uint8Array;
  /** `bytes` are only lent: they may be a window on a larger buffer, so copy what is kept. Throws on malformed input. */
  decode(bytes: Uint8Array): V;
  /** Bytes that the live value takes in memory. Default: {@link sizeOf}, an estimate. */
  sizeOf?(value: V): number;
}

/**
 * The default codec: whatever the structured clone algorithm keeps, losslessly: Date, BigInt, Map, Set, typed arrays, Buffer, Error,
 * RegExp, NaN, -0, undefined, cycles. Classes lose their prototype; functions and symbols throw.
 */
export function structured<V>(): Codec<V> {
  return {
    id: 'v8',
    encode: (value) => serialize(value),
    // Over a copy: what it finds of typed arrays are windows on the bytes it reads.
    decode: (encoded) => deserialize(new Uint8Array(encoded)) as V,
    sizeOf,
  };
}

/** Raw bytes, untouched: tensors, files, bodies. */
export const bytes: Codec<Uint8Array> = {
  id: 'bytes',
  encode: (value) => value,
  decode: (encoded) => new Uint8Array(encoded),
  sizeOf: (value) => value.byteLength,
};
