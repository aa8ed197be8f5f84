import { memoryLeases } from '@kvasir/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorld } from '../support/world.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

it('leaves no rejection unhandled, whatever fails while nobody waits', async () => {
  const world = makeWorld();
  const fail = (): Promise<never> => Promise.reject(new Error('down'));
  const failing = { acquire: fail, release: fail, settled: fail };
  for (const leases of [memoryLeases({ clock: world.clock }), { ...memoryLeases(), ...failing }])
    for (const bus of [world.bus, { ...world.bus, publish: fail, subscribe: fail, close: fail }])
      for (const faults of [{}, { error: new Error('down') }, { hang: true }]) {
        const { cache, remote } = await world.start({ leases, bus, ttl: '1s', grace: '1s', random: () => 0 });
        const pages = cache.namespace<string>('page', { tags: ['news'], deadline: 100 });
        cache.on(fail);
        await pages.set('/', 'home');
        remote.fail(faults);
        pages.prefetch(['/', 'a', 'b'], fail);
        const leaver = new AbortController();
        void pages.getOrLoad('c', fail, { signal: leaver.signal }).catch(() => {});
        void pages.getOrLoad('d', () => new Promise(() => {})).catch(() => {});
        leaver.abort();
        await world.clock.advance(1_000);
        // Stale, and refreshed behind.
        void pages.getOrLoad('/', fail).catch(() => {});
        void pages.set('e', 'e');
        void pages.delete('f');
        void cache.invalidateTags('news');
        void cache.clear();
        await world.clock.advance(12_000);
        await cache.close();
        remote.release();
        await world.clock.advance(1_000);
      }
  expect(unhandled).toEqual([]);
});

it('would have seen one', async () => {
  void Promise.reject(new Error('seen'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([new Error('seen')]);
});
