/**
 * What a remote tier keeps: one entry as bytes that prove what they are.
 *
 * Little-endian: `'KV'` · version u8 · flags u8 (none yet) · CRC-32 u32 of all that follows · meta length u32 · payload length u32 · storedAt f64 · staleAt f64 ·
 * expiresAt f64 · cost f64 · meta (key, codec id, tags with their stamps; each a u16 length and UTF-8) · zeros up to a multiple of 8 · payload.
 * The whole key travels inside: a reply that got lost on the wire and left another key's value in its place is seen, not served.
 * The checksum finds accidents, not attackers: who can write to the store can write entries.
 */
import { crc32 } from 'node:zlib';
import type { Codec } from '../codec.ts';
import type { Entry } from '../entry.ts';
import { KvasirError } from '../errors.ts';

const VERSION = 1;
const HEAD = 48;
const MAGIC = 0x564b;

export function encodeEnvelope<V>(key: string, entry: Entry<V>, codec: Codec<V>): Buffer {
  const payload = encodePayload(entry.value, codec);
  const strings = [key, codec.id];
  for (const [index, tag] of entry.tags.entries()) strings.push(tag, entry.stamps[index] ?? '');
  const metaLength = strings.reduce((sum, text) => sum + 2 + Buffer.byteLength(text), 0);
  const payloadAt = align(HEAD + metaLength);
  const bytes = Buffer.alloc(payloadAt + payload.byteLength);
  bytes.writeUInt16LE(MAGIC, 0);
  bytes.writeUInt8(VERSION, 2);
  bytes.writeUInt32LE(metaLength, 8);
  bytes.writeUInt32LE(payload.byteLength, 12);
  bytes.writeDoubleLE(entry.storedAt, 16);
  bytes.writeDoubleLE(entry.staleAt, 24);
  bytes.writeDoubleLE(entry.expiresAt, 32);
  bytes.writeDoubleLE(entry.cost, 40);
  let at = HEAD;
  for (const text of strings) {
    const length = bytes.write(text, at + 2);
    bytes.writeUInt16LE(length, at);
    at += 2 + length;
  }
  bytes.set(payload, payloadAt);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/**
 * The entry in `bytes`, if it is `key`'s and `codec`'s. Throws CORRUPT_ENVELOPE, UNSUPPORTED_VERSION, CODEC_MISMATCH or DECODE_FAILED.
 */
export function decodeEnvelope<V>(key: string, bytes: Uint8Array, codec: Codec<V>): Entry<V> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEAD || buffer.readUInt16LE(0) !== MAGIC) throw corrupt('it does not begin like one');
  const version = buffer.readUInt8(2);
  const flags = buffer.readUInt8(3);
  if (version !== VERSION || flags !== 0)
    throw new KvasirError(
      'UNSUPPORTED_VERSION',
      `envelope: expected version ${VERSION} without flags, got ${version} with ${flags}`,
    );
  const metaLength = buffer.readUInt32LE(8);
  const payloadAt = align(HEAD + metaLength);
  if (buffer.length !== payloadAt + buffer.readUInt32LE(12)) throw corrupt('its length disagrees with its head');
  if (crc32(buffer.subarray(8)) !== buffer.readUInt32LE(4)) throw corrupt('its checksum disagrees with its bytes');
  const [ownKey, codecId, ...pairs] = readStrings(buffer, HEAD + metaLength);
  if (ownKey !== key) throw corrupt('it belongs to another key');
  if (codecId !== codec.id)
    throw new KvasirError('CODEC_MISMATCH', `envelope: expected codec ${codec.id}, got ${codecId?.slice(0, 40)}`);
  const value = decodePayload(buffer.subarray(payloadAt), codec);
  return {
    value,
    storedAt: buffer.readDoubleLE(16),
    staleAt: buffer.readDoubleLE(24),
    expiresAt: buffer.readDoubleLE(32),
    cost: buffer.readDoubleLE(40),
    tags: pairs.filter((_, index) => index % 2 === 0),
    stamps: pairs.filter((_, index) => index % 2 === 1),
    size: codec.sizeOf?.(value) ?? buffer.length - payloadAt,
  };
}

function readStrings(buffer: Buffer, end: number): string[] {
  const strings: string[] = [];
  let at = HEAD;
  while (at < end) {
    const next = at + 2 + (at + 2 <= end ? buffer.readUInt16LE(at) : Infinity);
    if (next > end) throw corrupt('its strings run over their end');
    strings.push(buffer.toString('utf8', at + 2, next));
    at = next;
  }
  return strings;
}

function encodePayload<V>(value: V, codec: Codec<V>): Uint8Array {
  try {
    return codec.encode(value);
  } catch (cause) {
    throw new KvasirError('ENCODE_FAILED', `codec ${codec.id} could not encode the value`, { cause });
  }
}

function decodePayload<V>(payload: Uint8Array, codec: Codec<V>): V {
  try {
    return codec.decode(payload);
  } catch (cause) {
    throw new KvasirError('DECODE_FAILED', `codec ${codec.id} could not decode the value`, { cause });
  }
}

function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function corrupt(why: string): KvasirError {
  return new KvasirError('CORRUPT_ENVELOPE', `envelope: ${why}`);
}
