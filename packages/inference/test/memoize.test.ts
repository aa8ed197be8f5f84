import { bytes, type Codec, createCache } from '@kvasir/core';
import { failingStore, ManualClock, memoryRemote } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { describe, expect, it } from 'vitest';
import { memoize } from '../src/index.ts';

interface Tensor {
  data: Float32Array;
  dims: number[];
}

const tensor = (...values: number[]): Tensor => ({ data: Float32Array.from(values), dims: [1, values.length] });

describe('memoize', () => {
  it('computes once for the same content, however often and in whatever objects it comes', async () => {
    let calls = 0;
    const double = memoize(
      ({ data, dims }: Tensor) => {
        calls++;
        return { data: data.map((value) => value * 2), dims };
      },
      { name: 'double' },
    );
    const first = await double(tensor(1, 2, 3));
    const second = await double({ dims: [1, 3], data: Float32Array.of(1, 2, 3) });
    expect(second).toEqual(first);
    expect(second.data).toBeInstanceOf(Float32Array);
    expect(calls).toBe(1);
    await double(tensor(1, 2, 4));
    expect(calls).toBe(2);
  });

  it('gives each caller a result of its own, which it may change', async () => {
    const ones = memoize(() => tensor(1, 1), { name: 'ones' });
    const [first, joined] = await Promise.all([ones(), ones()]);
    first.data.fill(9);
    joined.dims.push(9);
    const later = await ones();
    later.data.fill(7);
    expect([joined.data, await ones()]).toEqual([Float32Array.of(1, 1), tensor(1, 1)]);
  });

  it('does so whatever the codec: one that copies nothing, too', async () => {
    const window: Codec<Uint8Array> = { id: 'window', encode: (value) => value, decode: (encoded) => encoded };
    for (const codec of [bytes, window]) {
      const twos = memoize(() => Uint8Array.of(2, 2), { name: 'twos', codec });
      const results = [await twos(), await twos()];
      for (const result of results) result.fill(9);
      expect(await twos()).toEqual(Uint8Array.of(2, 2));
    }
  });

  it('shares one computation among calls at the same time', async () => {
    let calls = 0;
    let finish = (): void => {};
    const slow = memoize(
      (text: string) => {
        calls++;
        return new Promise<string>((resolve) => (finish = () => resolve(text.toUpperCase())));
      },
      { name: 'slow' },
    );
    const asked = [slow('a'), slow('a'), slow('a')];
    await new Promise<void>((resolve) => setImmediate(resolve));
    finish();
    expect(await Promise.all(asked)).toEqual(['A', 'A', 'A']);
    expect(calls).toBe(1);
  });

  it('passes errors on to all who wait, and computes again', async () => {
    const gpu = new Error('no GPU');
    let calls = 0;
    const failing = memoize(
      async () => {
        calls++;
        if (calls === 1) throw gpu;
        return 'fine';
      },
      { name: 'failing' },
    );
    expect(await Promise.allSettled([failing(), failing()])).toEqual([
      { status: 'rejected', reason: gpu },
      { status: 'rejected', reason: gpu },
    ]);
    expect(await failing()).toBe('fine');
  });

  it('keeps typed arrays, buffers and dates whole through a remote tier', async () => {
    const remote = memoryRemote();
    const result = {
      ids: BigInt64Array.of(1n, -2n),
      half: new Uint16Array([15360]),
      raw: Buffer.from('raw'),
      at: new Date(5),
      dims: [2],
      gone: undefined,
    };
    const make = (calls: string[]) =>
      memoize(
        () => {
          calls.push('call');
          return result;
        },
        { name: 'typed', cache: createCache({ tiers: [memory(), remote], remoteDeadline: '10s' }) },
      );
    const calls: string[] = [];
    await make(calls)();
    const other = await make(calls)();
    expect(other).toEqual(result);
    expect(Buffer.isBuffer(other.raw)).toBe(true);
    expect(calls).toHaveLength(1);
  });

  it('tells names, versions and codecs apart in one cache', async () => {
    const cache = createCache({ tiers: [memory()] });
    const one = memoize(() => new Uint8Array([1]), { name: 'a', cache });
    const two = memoize(() => new Uint8Array([2]), { name: 'a', version: '2', cache });
    const three = memoize(() => new Uint8Array([3]), { name: 'b', cache });
    const four = memoize(() => new Uint8Array([4]), { name: 'a', cache, codec: bytes });
    const results = [];
    for (const compute of [one, two, three, four, one]) results.push((await compute())[0]);
    expect(results).toEqual([1, 2, 3, 4, 1]);
  });

  it('computes anew after its time', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const timed = memoize(() => ++calls, {
      name: 'timed',
      ttl: '1m',
      cache: createCache({ tiers: [memory({ clock })], clock }),
    });
    expect([await timed(), await timed()]).toEqual([1, 1]);
    await clock.advance(60_000);
    expect(await timed()).toBe(2);
  });

  it('keeps undefined, null and empty results too', async () => {
    let calls = 0;
    const empty = memoize(
      (value: unknown) => {
        calls++;
        return value;
      },
      { name: 'empty' },
    );
    for (const value of [undefined, null, '', [], undefined, null, '', []]) expect(await empty(value)).toEqual(value);
    expect(calls).toBe(4);
  });

  it('just computes what it can neither hash nor keep', async () => {
    let calls = 0;
    const call = memoize(
      (value: unknown) => {
        calls++;
        return value;
      },
      { name: 'call' },
    );
    const plain = (): void => {};
    expect(await call(plain)).toBe(plain);
    expect(await call(plain)).toBe(plain);
    const made = memoize(
      () => {
        calls++;
        return plain;
      },
      { name: 'made' },
    );
    expect([await made(), await made()]).toEqual([plain, plain]);
    expect(calls).toBe(4);
  });

  it('keeps no result of what its caller changed meanwhile', async () => {
    const sum = memoize((values: Float32Array) => values.reduce((total, value) => total + value, 0), {
      name: 'sum of a frame',
      cache: createCache({ tiers: [memory(), memoryRemote()], remoteDeadline: '10s' }),
    });
    const frame = Float32Array.of(1, 2);
    const asked = sum(frame);
    frame.fill(100);
    await asked;
    expect(await sum(Float32Array.of(1, 2))).toBe(3);
  });

  it('computes when the remote tier fails', async () => {
    const store = failingStore(memoryRemote(), { faults: { error: new Error('down') } });
    const sum = memoize((a: number, b: number) => a + b, { name: 'sum', cache: createCache({ tiers: [store] }) });
    expect([await sum(1, 2), await sum(1, 2)]).toEqual([3, 3]);
  });

  it.each([
    [{ name: '' }, /memoize\(\) name: expected 1 to 200 characters, got ''/],
    [{ name: 'a', version: 2 }, /memoize\(\) version/],
    [{ name: 'a', ttl: 'soon' }, /memoize\(\) ttl/],
    [{ name: 'a', cache: {} }, /memoize\(\) cache/],
    [{ name: 'a', key: 1 }, /memoize\(\) key/],
  ])('refuses %o', (options, message) => {
    expect(() => memoize(() => 1, options as never)).toThrow(message);
  });
});
