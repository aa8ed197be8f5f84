import { randomUUID } from 'node:crypto';
import { findRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { killListeners, openProcess, type Process } from './tiers/process.ts';

const server = await findRedis();
afterAll(() => server?.stop());

/** Two processes that hear each other. */
async function openPair(found: NonNullable<typeof server>): Promise<{ prefix: string; one: Process; two: Process }> {
  const prefix = `kvasir-test-${randomUUID()}:`;
  const [one, two] = [openProcess(found, { prefix }), openProcess(found, { prefix })];
  await Promise.all([one.connected(), two.connected()]);
  return { prefix, one, two };
}

describe('two processes over one Redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('share what one of them has stored', async () => {
    const { one, two } = await openPair(server);
    await one.cache.namespace<string>('page').set('a', 'from one');
    await until('the other has heard of the write', () => two.heard === 1);
    const resolution = await two.cache.namespace<string>('page').resolve('a', async () => 'loaded by two');
    expect(resolution).toMatchObject({ value: 'from one', outcome: 'hit', tier: 'redis' });
    expect(two.cache.namespace<string>('page').getSync('a')).toBe('from one');
  });

  test.each([
    ['a delete', (p: Process) => p.cache.namespace<string>('page').delete('a')],
    ['an invalidated tag', (p: Process) => p.cache.invalidateTags('tag')],
    ['a clear', (p: Process) => p.cache.clear()],
  ])('drop what they keep locally after %s in the other', async (_, invalidate) => {
    const { one, two } = await openPair(server);
    const [first, second] = [one.cache.namespace<string>('page'), two.cache.namespace<string>('page')];
    await first.set('a', 'old', { tags: ['tag'] });
    // The other is told of every write, so that it drops what it held before.
    await until('the other has heard of the write', () => two.heard === 1);
    expect(await second.get('a')).toBe('old');
    expect(second.getSync('a')).toBe('old');
    await invalidate(one);
    await until('the other drops it', () => second.getSync('a') === undefined);
    expect(await second.get('a')).toBeUndefined();
    expect(await second.getOrLoad('a', async () => 'new', { tags: ['tag'] })).toBe('new');
    expect(await first.get('a')).toBe('new');
  });

  test.each([
    ['deleted', (p: Process) => p.cache.namespace<string>('page').delete('a')],
    ['invalidated', (p: Process) => p.cache.invalidateTags('tag')],
    ['cleared', (p: Process) => p.cache.clear()],
  ])('serve nothing from before, once a value was %s while the bus was cut', async (_, invalidate) => {
    const { prefix, one, two } = await openPair(server);
    const [first, second] = [one.cache.namespace<string>('page'), two.cache.namespace<string>('page')];
    await first.set('a', 'old', { tags: ['tag'] });
    await until('the other has heard of the write', () => two.heard === 1);
    expect(await second.get('a')).toBe('old');
    expect(await killListeners(one.client, prefix)).toBe(2);
    await invalidate(one);
    await until('the stale copy is gone', () => second.getSync('a') === undefined);
    expect(await second.get('a')).toBeUndefined();
  });

  test.each([
    ['deletes', (p: Process) => p.cache.namespace<string>('page').delete('a')],
    ['invalidates', (p: Process) => p.cache.invalidateTags('tag')],
    ['clears', (p: Process) => p.cache.clear()],
  ])('do not serve a load during which the other %s', async (_, invalidate) => {
    const { one, two } = await openPair(server);
    const [first, second] = [one.cache.namespace<string>('page'), two.cache.namespace<string>('page')];
    let answer: ((value: string) => void) | undefined;
    const load = (): Promise<string> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const loading = second.getOrLoad('a', load, { tags: ['tag'] });
    await until('the load runs', () => answer !== undefined);
    await invalidate(one);
    await until('the other has heard', () => two.heard > 0);
    answer?.('read before the change');
    expect(await loading).toBe('read before the change');
    await until('nothing of it is kept anywhere', async () => {
      return (
        second.getSync('a') === undefined &&
        (await first.get('a')) === undefined &&
        (await second.get('a')) === undefined
      );
    });
    expect(await first.getOrLoad('a', async () => 'new', { tags: ['tag'] })).toBe('new');
    expect(await second.get('a')).toBe('new');
  });
});
