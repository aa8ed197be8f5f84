import KeyvRedis from '@keyv/redis';
import { type CacheEvent, createCache } from '@kvasir/core';
import { findOwnRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { Keyv } from 'keyv';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { keyv } from '../src/index.ts';

const server = await findOwnRedis();
afterAll(() => server?.stop());

describe('a cache over a Keyv whose Redis fails', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('answers while it is frozen or gone, and uses it again when it is back', async () => {
    const instance = new Keyv({ store: new KeyvRedis(server.url) });
    const cache = createCache({ tiers: [keyv({ store: instance })] });
    const events: CacheEvent['type'][] = [];
    cache.on((event) => events.push(event.type));
    onTestFinished(async () => {
      await cache.close();
      await instance.disconnect();
    });
    const numbers = cache.namespace<number>('n');
    const answers = async (label: string): Promise<void> => {
      for (let i = 0; i < 10; i += 1) expect(await numbers.getOrLoad(`${label} ${i}`, async () => i)).toBe(i);
    };
    const isUsed = async (): Promise<boolean> => {
      await numbers.set('used', 1);
      return (await numbers.get('used')) === 1;
    };

    await until('the store is used', isUsed);
    server.pause();
    await answers('frozen');
    expect(events).toContain('error');
    await server.kill();
    await answers('gone');
    await server.restart();
    await until('the store is used again', isUsed, 10_000);
  });
});
