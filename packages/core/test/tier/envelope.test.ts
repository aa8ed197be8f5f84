import { bytes, type Entry, KvasirError, structured } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../src/tier/envelope.ts';

const codec = structured<unknown>();
const instant = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(Infinity));
const tags = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), { maxLength: 5 });
const key = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });
const entry: fc.Arbitrary<Entry> = fc
  .record({ value: fc.anything(), storedAt: instant, staleAt: instant, expiresAt: instant, cost: instant, tags })
  .map((parts) => ({
    ...parts,
    value: structuredClone(parts.value),
    stamps: parts.tags.map((tag) => `of ${tag}`),
    size: 0,
  }));

function refusal(key: string, envelope: Uint8Array): unknown {
  try {
    return { value: decodeEnvelope(key, envelope, codec) };
  } catch (error) {
    return error instanceof KvasirError ? error.code : error;
  }
}

describe('an envelope', () => {
  it('gives back the entry that was put in, wherever its bytes lie', () => {
    fc.assert(
      fc.property(key, entry, fc.nat(9), (name, original, offset) => {
        const envelope = encodeEnvelope(name, original, codec);
        const buffer = new Uint8Array(offset + envelope.length + 3);
        buffer.set(envelope, offset);
        const { size, ...decoded } = decodeEnvelope(name, buffer.subarray(offset, offset + envelope.length), codec);
        const { size: _, ...expected } = original;
        expect(decoded).toStrictEqual(expected);
        expect(size).toBeGreaterThan(0);
      }),
    );
  });

  it('keeps raw bytes raw, aligned to 8 bytes, and knows their exact size', () => {
    const value = Uint8Array.from({ length: 1_000 }, (_, index) => index);
    for (const name of ['k', 'ke', 'key', 'a longer key']) {
      const envelope = encodeEnvelope(name, { ...EMPTY, value }, bytes);
      expect((envelope.length - 1_000) % 8).toBe(0);
      expect(decodeEnvelope(name, envelope, bytes)).toMatchObject({ value, size: 1_000 });
    }
  });

  it('with any one byte changed is refused as an error of ours, never read as a wrong value', () => {
    fc.assert(
      fc.property(key, entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (name, original, where, change) => {
        const envelope = encodeEnvelope(name, original, codec);
        const at = where % envelope.length;
        envelope[at] = (envelope[at] ?? 0) ^ change;
        expect(['CORRUPT_ENVELOPE', 'UNSUPPORTED_VERSION']).toContain(refusal(name, envelope));
      }),
      { numRuns: 500 },
    );
  });

  it('with every single bit of it flipped in turn is refused', () => {
    const envelope = encodeEnvelope('key', { ...EMPTY, value: { a: [1, 2] }, tags: ['t'], stamps: ['s'] }, codec);
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const flipped = Uint8Array.from(envelope);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(['CORRUPT_ENVELOPE', 'UNSUPPORTED_VERSION']).toContain(refusal('key', flipped));
    }
  });

  it('cut short anywhere, or with anything behind it, is refused', () => {
    const envelope = encodeEnvelope('key', { ...EMPTY, value: 'a value' }, codec);
    for (let length = 0; length < envelope.length; length++)
      expect(refusal('key', envelope.subarray(0, length))).toBe('CORRUPT_ENVELOPE');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (more) => {
        expect(refusal('key', Buffer.concat([envelope, more]))).toBe('CORRUPT_ENVELOPE');
      }),
    );
  });

  it('is not found in other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, beginsRight) => {
        if (beginsRight) noise.set(Buffer.from('KV\x01\x00').subarray(0, noise.length));
        expect(['CORRUPT_ENVELOPE', 'UNSUPPORTED_VERSION']).toContain(refusal('key', noise));
      }),
    );
  });

  it('of another key is refused, so that a reply that got lost cannot hand out a stranger’s value', () => {
    fc.assert(
      fc.property(key, key, entry, (mine, theirs, original) => {
        fc.pre(mine !== theirs);
        expect(refusal(mine, encodeEnvelope(theirs, original, codec))).toBe('CORRUPT_ENVELOPE');
      }),
    );
  });

  it('of another version, or with flags of a later one, is told apart from a broken one', () => {
    for (const at of [2, 3]) {
      const envelope = encodeEnvelope('key', { ...EMPTY, value: 1 }, codec);
      envelope[at] = 7;
      expect(refusal('key', envelope)).toBe('UNSUPPORTED_VERSION');
    }
  });

  it('of another codec is refused before that codec sees it', () => {
    const envelope = encodeEnvelope('key', { ...EMPTY, value: 1 }, { ...codec, id: 'old' });
    const decode = (): never => expect.fail('not asked');
    expect(() => decodeEnvelope('key', envelope, { ...codec, decode })).toThrow(
      expect.objectContaining({ code: 'CODEC_MISMATCH', message: 'envelope: expected codec v8, got old' }),
    );
  });

  it('tells what its codec could not do, and keeps the cause', () => {
    const cause = new Error('cannot');
    const fail = (): never => {
      throw cause;
    };
    expect(() => encodeEnvelope('key', { ...EMPTY, value: 1 }, { ...codec, encode: fail })).toThrow(
      expect.objectContaining({ code: 'ENCODE_FAILED', cause }),
    );
    const envelope = encodeEnvelope('key', { ...EMPTY, value: 1 }, codec);
    expect(() => decodeEnvelope('key', envelope, { ...codec, decode: fail })).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', cause }),
    );
  });
});

const EMPTY: Omit<Entry, 'value'> = { storedAt: 0, staleAt: 1, expiresAt: 2, tags: [], stamps: [], size: 0, cost: 0 };
