import { randomUUID } from 'node:crypto';
import { type Cache, createCache } from '@kvasir/core';
import { findRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { keyv } from '@kvasir/keyv';
import { redis } from '@kvasir/redis';
import { Redis } from 'ioredis';
import { Keyv } from 'keyv';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openProcess } from './tiers/process.ts';

const server = await findRedis();
afterAll(() => server?.stop());

const cyclic: { self?: unknown; list: unknown[] } = { list: [1] };
cyclic.self = cyclic;

const VALUES: readonly (readonly [string, unknown])[] = [
  ['zero', 0],
  ['minus zero', -0],
  ['NaN', Number.NaN],
  ['infinity', -Infinity],
  ['false', false],
  ['null', null],
  ['an empty string', ''],
  ['text with every kind of character', 'ünïcödé 鍵 🔑 \0 \ud800'],
  ['a bigint', -(2n ** 80n)],
  ['a date', new Date('2026-01-02T03:04:05.678Z')],
  ['an invalid date', new Date(Number.NaN)],
  [
    'a map',
    new Map<unknown, unknown>([
      [{ a: 1 }, new Set([1, 'b'])],
      [Number.NaN, -0],
    ]),
  ],
  ['a set', new Set<unknown>([undefined, null, 0])],
  ['typed arrays', [Float32Array.of(1.5, Number.NaN, -0), BigInt64Array.of(-1n), Uint8ClampedArray.of(255)]],
  ['an array buffer', new Uint8Array([1, 2, 3]).buffer],
  ['a buffer within an object', { body: Buffer.from([0, 255, 10]), empty: Buffer.alloc(0) }],
  ['undefined within an object', { a: undefined, b: [undefined, 1] }],
  ['an error', new RangeError('out of range')],
  ['a regular expression', /a+b/giu],
  ['a cycle', cyclic],
];

const stores = {
  redis: () => {
    const client = new Redis(server?.url ?? '');
    onTestFinished(() => client.disconnect());
    return redis({ client, prefix: `kvasir-test-${randomUUID()}:` });
  },
  keyv: () => keyv({ store: new Keyv() }),
};

describe.each(['redis', 'keyv'] as const)('values through %s', (kind) => {
  test.skipIf(kind === 'redis' && server === undefined).each(VALUES)('come back as they were: %s', async (_, value) => {
    const store = stores[kind]();
    const open = (): Cache => createCache({ tiers: [store], remoteDeadline: '5s' });
    const [writer, reader] = [open(), open()];
    await writer.namespace<unknown>('value').set('key', value);
    const found = await reader.namespace<unknown>('value').getEntry('key');
    expect(found).toBeDefined();
    expect(found?.value).toStrictEqual(value);
    expect(Object.is(found?.value, -0)).toBe(Object.is(value, -0));
    await store.clear();
  });
});

describe('bytes in Redis that no cache has written', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  /** What could stand under an entry's key, made from the entry itself. */
  const POISONS: readonly (readonly [string, (entry: Buffer, other: Buffer) => Buffer])[] = [
    ['nothing', () => Buffer.alloc(0)],
    ['one byte', () => Buffer.of(0)],
    ['text', () => Buffer.from('{"value":1}')],
    ['an entry cut short', (entry) => entry.subarray(0, -1)],
    ['the head of an entry', (entry) => entry.subarray(0, 20)],
    ['an entry with more behind it', (entry) => Buffer.concat([entry, Buffer.of(0)])],
    ['an entry with a bit flipped in its value', (entry) => flip(entry, entry.length - 2)],
    ['an entry with a bit flipped in its times', (entry) => flip(entry, 30)],
    ['an entry of another version', (entry) => Buffer.from(entry).fill(99, 2, 3)],
    ['the entry of another key', (_, other) => other],
    ['zeros', (entry) => Buffer.alloc(entry.length)],
    ['lengths beyond the end', (entry) => Buffer.from(entry).fill(0xff, 8, 16)],
  ];

  test.each(POISONS)('are a miss, an error event, and healed by the next load: %s', async (_, poison) => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const first = openProcess(server, { prefix });
    const { cache: writer, client } = first;
    await first.connected();
    const pages = writer.namespace<object>('page');
    await pages.set('a', { of: 'a' });
    await pages.set('b', { of: 'b' });
    const [entry, other] = await client.mgetBuffer(`${prefix}|page:a`, `${prefix}|page:b`);
    if (!entry || !other) throw new Error('the entries are not where they are looked for');
    await client.set(`${prefix}|page:a`, poison(entry, other));

    const reader = openProcess(server, { prefix });
    await reader.connected();
    const seen = reader.cache.namespace<object>('page');
    expect(await seen.get('a')).toBeUndefined();
    expect(reader.count('error')).toBe(1);
    expect(reader.events.find((event) => event.type === 'error')).toMatchObject({ key: 'page:a' });
    expect(await seen.getOrLoad('a', async () => ({ of: 'a load' }))).toEqual({ of: 'a load' });

    const third = openProcess(server, { prefix });
    await third.connected();
    const healed = await until('the load is stored', () => third.cache.namespace<object>('page').get('a'));
    expect(healed).toEqual({ of: 'a load' });
    await writer.clear();
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
  return flipped;
}
