import { Keyv } from 'keyv';
import { describe, expect, test } from 'vitest';
import { keyv } from '../src/index.ts';
import { jsonStore, write } from './support/stores.ts';

describe('keyv with other serialisers', () => {
  test.each([
    ['JSON alone', { serialize: JSON.stringify, deserialize: JSON.parse }],
    ['one that fails on bytes', { serialize: failOnBytes, deserialize: JSON.parse }],
    [
      'an asynchronous one',
      {
        serialize: async (data: unknown) => JSON.stringify(data),
        deserialize: async (text: string) => JSON.parse(text),
      },
    ],
    ['none, over a Map', { serialize: undefined, deserialize: undefined }],
    ['none, over a store that keeps only what JSON keeps', { ...withoutSerialiser(), store: jsonStore() }],
  ])('keeps bytes with %s', async (_, options) => {
    const store = keyv({ store: new Keyv(options as never) });
    const bytes = Uint8Array.from({ length: 256 }, (_unused, i) => i);
    await store.setMany([{ key: 'a', bytes, ttlMs: 60_000 }, write('empty')]);
    const [all, empty] = await store.getMany(['a', 'empty']);
    expect(all && [...all]).toEqual([...bytes]);
    expect(empty).toHaveLength(0);
  });

  test('writes bytes as bytes where they survive, and as base64 where they do not', async () => {
    const raw = new Map<string, { value: unknown }>();
    const bare = new Keyv({ store: raw, ...withoutSerialiser() } as never);
    await keyv({ store: bare }).setMany([write('a', 1)]);
    expect([...raw].find(([key]) => key.endsWith('|a'))?.[1].value).toEqual(Buffer.of(1));
    const json = new Map<string, string>();
    await keyv({
      store: new Keyv({ store: json, serialize: JSON.stringify, deserialize: JSON.parse } as never),
    }).setMany([write('a', 1)]);
    expect([...json].find(([key]) => key.endsWith('|a'))?.[1]).toContain('"base64:AQ=="');
  });

  function failOnBytes(data: { value: unknown }): string {
    if (data.value instanceof Uint8Array) throw new TypeError('no bytes, please');
    return JSON.stringify(data);
  }

  function withoutSerialiser(): { serialize: undefined; deserialize: undefined } {
    return { serialize: undefined, deserialize: undefined };
  }
});
