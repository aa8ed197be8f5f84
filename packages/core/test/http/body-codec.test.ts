import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { structured } from '../../src/codec.ts';
import { type RecordedResponse, responseCodec } from '../../src/http/index.ts';

const response = fc.record({
  status: fc.integer({ min: 100, max: 599 }),
  statusMessage: fc.string(),
  headers: fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary' }))),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

describe('responseCodec', () => {
  it('brings back every response as it was', () => {
    fc.assert(
      fc.property(response, (value: RecordedResponse) => {
        const back = responseCodec.decode(responseCodec.encode(value));
        expect(back).toEqual(value);
        expect(Buffer.isBuffer(back.body)).toBe(true);
      }),
    );
  });

  it('keeps nothing of the bytes it was lent', () => {
    const lent = responseCodec.encode({ status: 200, statusMessage: 'OK', headers: [], body: Buffer.from('abc') });
    const back = responseCodec.decode(lent);
    lent.fill(0);
    expect(back.body.toString()).toBe('abc');
  });

  it('throws on anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(() => responseCodec.decode(noise)).toThrow();
      }),
    );
    expect(() => responseCodec.decode(responseCodec.encode({ status: 'x', body: Buffer.alloc(0) } as never))).toThrow();
  });

  it('sizes a response by its body and fields', () => {
    const size = responseCodec.sizeOf?.({ status: 200, statusMessage: 'OK', headers: [], body: Buffer.alloc(10_000) });
    expect(size).toBeGreaterThanOrEqual(10_000);
    expect(size).toBeLessThan(11_000);
  });
});

describe('the structured codec', () => {
  it('brings back a response with its body as a Buffer', () => {
    const codec = structured<RecordedResponse>();
    const value = { status: 200, statusMessage: 'OK', headers: [['a', 'b']] as const, body: Buffer.from([0, 255]) };
    expect(codec.decode(codec.encode(value))).toEqual(value);
    expect(Buffer.isBuffer(codec.decode(codec.encode(value)).body)).toBe(true);
  });
});
