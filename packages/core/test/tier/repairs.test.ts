import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { type Redo, Repairs } from '../../src/tier/repairs.ts';

interface Store {
  readonly repairs: Repairs;
  readonly clock: ManualClock;
  readonly done: string[];
  works: boolean;
  busy: string;
}

function makeStore(): Store {
  const clock = new ManualClock();
  const done: string[] = [];
  const note = async (what: string): Promise<boolean> => {
    if (store.works) done.push(what);
    return store.works;
  };
  const redo: Redo = {
    isBusyWith: (key) => key === store.busy,
    delete: (keys) => note(`delete ${keys.length > 3 ? keys.length : keys.join(' ')}`),
    async stamp(tag) {
      if (await note(`stamp ${tag}`)) store.repairs.stampDone(tag);
    },
    clear: () => note('clear'),
  };
  const store: Store = { repairs: new Repairs(clock, redo), clock, done, works: false, busy: '' };
  return store;
}

describe('Repairs', () => {
  it('covers what was missed until it is made up for, and tries every second', async () => {
    const store = makeStore();
    const { repairs, clock, done } = store;
    repairs.delete(['a', 'b']);
    repairs.stamp('news');
    await clock.advance(2_500);
    expect([repairs.covers('a'), repairs.covers('c'), repairs.owesStamp('news'), done]).toEqual([
      true,
      false,
      true,
      [],
    ]);
    store.works = true;
    await clock.advance(500);
    expect(done).toEqual(['delete a b', 'stamp news']);
    expect([repairs.covers('a'), repairs.owesStamp('news')]).toEqual([false, false]);
    await clock.advance(10_000);
    expect(done).toHaveLength(2);
  });

  it('runs at once when it is told that the store is back', async () => {
    const store = makeStore();
    store.repairs.delete(['a']);
    store.works = true;
    await Promise.all([store.repairs.run(), store.repairs.run()]);
    expect(store.done).toEqual(['delete a']);
  });

  it('is not put off by ever new failures', async () => {
    const store = makeStore();
    store.works = true;
    for (let index = 0; index < 10; index++) {
      store.repairs.delete([`key ${index}`]);
      await store.clock.advance(300);
    }
    expect(store.done.length).toBeGreaterThanOrEqual(2);
  });

  it('forgets what was written anew, and leaves alone what is being written', async () => {
    const store = makeStore();
    const { repairs, clock, done } = store;
    repairs.delete(['written', 'being written']);
    repairs.deleteDone('written');
    store.busy = 'being written';
    store.works = true;
    await clock.advance(1_000);
    expect(done).toEqual([]);
    expect([repairs.covers('written'), repairs.covers('being written')]).toEqual([false, true]);
    store.busy = '';
    await clock.advance(1_000);
    expect(done).toEqual(['delete being written']);
  });

  it('covers everything while a clear was missed, and then does it before all else', async () => {
    const store = makeStore();
    const { repairs, clock, done } = store;
    repairs.delete(['a']);
    repairs.clear();
    repairs.delete(['b']);
    expect(repairs.covers('whatever')).toBe(true);
    store.works = true;
    await clock.advance(1_000);
    expect(done).toEqual(['clear', 'delete b']);
    expect(repairs.covers('whatever')).toBe(false);
  });

  it('empties the store instead of remembering more than 10,000', async () => {
    const store = makeStore();
    const { repairs, clock, done } = store;
    repairs.delete(Array.from({ length: 10_000 }, (_, index) => `key ${index}`));
    expect(repairs.covers('another')).toBe(false);
    repairs.stamp('news');
    expect([repairs.covers('another'), repairs.owesStamp('news')]).toEqual([true, false]);
    store.works = true;
    await clock.advance(1_000);
    expect(done).toEqual(['clear']);
    expect(repairs.covers('another')).toBe(false);
  });

  it('deletes in batches', async () => {
    const store = makeStore();
    store.repairs.delete(Array.from({ length: 1_200 }, (_, index) => `key ${index}`));
    store.works = true;
    await store.clock.advance(1_000);
    expect(store.done).toEqual(['delete 500', 'delete 500', 'delete 200']);
  });

  it('stops when it is closed', async () => {
    const store = makeStore();
    store.repairs.delete(['a']);
    store.repairs.close();
    store.repairs.delete(['b']);
    store.works = true;
    await store.clock.advance(10_000);
    expect(store.done).toEqual([]);
  });
});
