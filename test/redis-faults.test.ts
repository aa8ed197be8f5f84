import { DEFAULTS } from '@kvasir/core';
import { findOwnRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { openProcess, type Process } from './tiers/process.ts';

const server = await findOwnRedis();
afterAll(() => server?.stop());

/** Far above what a cache may add to a request, far below what a client without a deadline waits. */
const SOON_MS = 2_000;

let prefixes = 0;
function open(found: NonNullable<typeof server>): Process {
  return openProcess(found, { prefix: `faults:${prefixes++}:`, remoteDeadline: DEFAULTS.remoteDeadline });
}

/** Asks for keys that no tier has; every one must be answered by its own load, soon. */
async function answersAll({ cache }: Process, label: string, requests = 30): Promise<void> {
  const numbers = cache.namespace<string>('n');
  for (let i = 0; i < requests; i += 1) {
    const started = performance.now();
    expect(await numbers.getOrLoad(`${label} ${i}`, async () => `value ${i}`)).toBe(`value ${i}`);
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  }
}

/** Whether a value that this process writes reaches Redis and is read from there. */
async function isUsed({ cache, client, events }: Process, prefix: string): Promise<boolean> {
  const key = `use ${events.length}`;
  await cache.namespace<number>('n').set(key, 1);
  return (await client.exists(`${prefix}|n:${key}`).catch(() => 0)) === 1;
}

describe('a cache whose Redis fails', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('answers when Redis is down at the start, and uses it when it comes up', async () => {
    await server.kill();
    const process = open(server);
    await answersAll(process, 'down');
    expect(process.count('error')).toBeGreaterThan(0);
    expect(process.count('breaker')).toBe(1);
    await server.restart();
    await until('Redis is used', () => isUsed(process, `faults:${prefixes - 1}:`));
    expect(process.events.filter((event) => event.type === 'breaker').map((event) => event.state)).toEqual([
      'open',
      'closed',
    ]);
  });

  test('answers every request in flight when Redis is killed, and those that follow', async () => {
    const process = open(server);
    await until('Redis is used', () => isUsed(process, `faults:${prefixes - 1}:`));
    const numbers = process.cache.namespace<string>('n');
    server.pause();
    const inFlight = Array.from({ length: 50 }, (_, i) => numbers.getOrLoad(`${i}`, async () => `value ${i}`));
    await server.kill();
    expect(await Promise.all(inFlight)).toEqual(Array.from({ length: 50 }, (_, i) => `value ${i}`));
    await answersAll(process, 'killed');
    await server.restart();
    await until('Redis is used again', () => isUsed(process, `faults:${prefixes - 1}:`));
  });

  test('answers while Redis is frozen, from the local tier without waiting, and uses it when it thaws', async () => {
    const process = open(server);
    await until('Redis is used', () => isUsed(process, `faults:${prefixes - 1}:`));
    const numbers = process.cache.namespace<string>('n');
    await numbers.set('kept', 'locally');
    server.pause();
    await answersAll(process, 'frozen');
    // The bus may have told of a gap by now, which empties the local tier.
    await numbers.getOrLoad('kept', async () => 'loaded');
    expect(numbers.getSync('kept')).toBeDefined();
    server.resume();
    await until('Redis is used again', () => isUsed(process, `faults:${prefixes - 1}:`));
  });

  test('does not serve from Redis what was deleted, invalidated or replaced while Redis was away', async () => {
    const prefix = `faults:${prefixes++}:`;
    const [writer, reader] = [openProcess(server, { prefix, remoteDeadline: '50ms' }), openProcess(server, { prefix })];
    await until('Redis is used', () => isUsed(writer, prefix));
    const pages = writer.cache.namespace<string>('page');
    for (const key of ['deleted', 'replaced']) await pages.set(key, 'old');
    await pages.set('tagged', 'old', { tags: ['tag'] });
    server.pause();
    await pages.delete('deleted');
    await pages.set('replaced', 'new');
    await writer.cache.invalidateTags('tag');
    server.resume();
    await until('Redis is used again', () => isUsed(writer, prefix));
    const seen = reader.cache.namespace<string>('page');
    const look = async (key: string): Promise<string | undefined> => seen.get(key);
    await until('nothing old is left', async () => {
      const [deleted, replaced, tagged] = await Promise.all(['deleted', 'replaced', 'tagged'].map(look));
      return deleted === undefined && replaced !== 'old' && tagged === undefined;
    });
    expect(await pages.get('deleted')).toBeUndefined();
    expect(await pages.get('tagged')).toBeUndefined();
    expect(await pages.get('replaced')).toBe('new');
  });

  test('says so when Redis is full, and serves nothing that was to be replaced', async () => {
    const prefix = `faults:${prefixes++}:`;
    const [writer, reader] = [openProcess(server, { prefix }), openProcess(server, { prefix })];
    await Promise.all([writer.connected(), reader.connected()]);
    const pages = writer.cache.namespace<string>('page');
    await pages.set('a', 'old');
    await writer.client.config('SET', 'maxmemory', '1');
    await pages.set('a', 'new');
    expect(writer.events.filter((event) => event.type === 'error')).toMatchObject([{ code: 'REMOTE_FAILED' }]);
    expect(await pages.get('a')).toBe('new');
    const seen = reader.cache.namespace<string>('page');
    await until('the old value is gone', async () => (await seen.get('a')) === undefined);
    await writer.client.config('SET', 'maxmemory', '0');
  });

  test('does not serve another key when a reply was lost on the wire', async () => {
    const prefix = `faults:${prefixes++}:`;
    const process = openProcess(server, { prefix });
    await until('Redis is used', () => isUsed(process, prefix));
    const names = process.cache.namespace<string>('name');
    await names.set('a', 'of a');
    await process.client.copy(`${prefix}|name:a`, `${prefix}|name:b`, 'REPLACE');
    expect(await names.getOrLoad('b', async () => 'of b')).toBe('of b');
  });
});
