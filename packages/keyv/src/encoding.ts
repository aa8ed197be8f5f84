import { isDeepStrictEqual } from 'node:util';
import type { KeyvInstance } from './instance.ts';

/** Before bytes that had to become a string. */
const MARK = 'base64:';
/** Bytes that break what treats them as text, and a colon, which Keyv's own serialiser gives a meaning. */
const PROBE = Buffer.of(0x00, 0x3a, 0xff, 0xc3, 0x28, 0x0a);

interface Serialising {
  readonly store: unknown;
  /** Keyv 5. */
  readonly serialize?: (data: { value: unknown }) => unknown;
  readonly deserialize?: (text: never) => unknown;
  /** Keyv 6. */
  readonly serialization?: {
    readonly stringify: (data: { value: unknown }) => unknown;
    readonly parse: (text: never) => unknown;
  };
}

/**
 * Whether a Buffer comes back as bytes. Keyv's own serialiser keeps it so; others may not; and without a serialiser it is up to the store, of which only a
 * Map is known to keep what it gets.
 */
export async function holdsBytes(keyv: KeyvInstance): Promise<boolean> {
  const { store, serialize, deserialize, serialization } = keyv as unknown as Serialising;
  const write = serialization?.stringify.bind(serialization) ?? serialize;
  const read = serialization?.parse.bind(serialization) ?? deserialize;
  if (typeof write !== 'function' || typeof read !== 'function') {
    return store instanceof Map || (store as { store?: unknown }).store instanceof Map;
  }
  try {
    const back = await read((await write({ value: PROBE })) as never);
    const value = (back as { value?: unknown } | undefined)?.value;
    return value instanceof Uint8Array && isDeepStrictEqual([...value], [...PROBE]);
  } catch {
    return false;
  }
}

/** A copy, as a store that keeps objects would else share memory with the caller. */
export function encodeBytes(bytes: Uint8Array, asBytes: boolean): Buffer | string {
  if (asBytes) return Buffer.from(bytes);
  return MARK + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** What was never written here becomes no bytes at all, which no reader takes for an envelope. */
export function decodeBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (typeof value === 'string' && value.startsWith(MARK)) return Buffer.from(value.slice(MARK.length), 'base64');
  return new Uint8Array(0);
}
