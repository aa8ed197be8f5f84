import { describe, expect, it } from 'vitest';
import {
  createCache,
  KvasirError,
  type Loader,
  markov,
  type Namespace,
  type Predictor,
  type PrefetcherOptions,
  prefetcher,
} from '../src/index.ts';
import { ManualClock, memoryRemote } from '../src/testing/index.ts';

/** Loads that arrive when the test says so. */
class Origin {
  readonly asked: string[] = [];
  readonly #open = new Map<string, (value: string) => void>();

  readonly load: Loader<string> = ({ key }) => {
    this.asked.push(key);
    return new Promise((resolve) => this.#open.set(key, resolve));
  };

  answer(key: string): void {
    this.#open.get(key)?.(`value of ${key}`);
    this.#open.delete(key);
  }
}

/** Always the same follower for each key. */
function certain(chain: Record<string, readonly [string, number][]>): Predictor {
  return {
    observe() {},
    predict: (key, _stream, threshold) =>
      (chain[key] ?? [])
        .map(([next, probability]) => ({ key: next, probability }))
        .filter(({ probability }) => probability > threshold),
  };
}

function setUp(options: Partial<PrefetcherOptions<string>> = {}) {
  const clock = new ManualClock();
  const cache = createCache({ tiers: [memoryRemote({ clock })], clock });
  const namespace: Namespace<string> = cache.namespace<string>('pages');
  const origin = new Origin();
  const ahead = prefetcher({ namespace, load: origin.load, clock, ...options });
  return { cache, clock, namespace, origin, ahead, settle: () => clock.advance(0) };
}

describe('prefetcher', () => {
  it('fetches what usually comes next, so that it is there when it is asked for', async () => {
    const { namespace, origin, ahead, settle } = setUp();
    for (const key of ['home', 'news', 'home', 'news', 'home']) ahead.observe(key, 'visitor');
    await settle();
    expect(origin.asked).toContain('news');
    origin.answer('news');
    await settle();
    expect(await namespace.get('news')).toBe('value of news');
  });

  it('lets a demand request join the load that is in flight', async () => {
    const { cache, namespace, origin, ahead, settle } = setUp({ predictor: certain({ a: [['b', 0.9]] }) });
    ahead.observe('a', 's');
    await settle();
    const answer = namespace.getOrLoad('b', origin.load);
    await settle();
    origin.answer('b');
    expect(await answer).toBe('value of b');
    expect(origin.asked).toEqual(['b']);
    expect(cache.stats()).toMatchObject({ loads: 1, joins: 1, prefetches: 1, prefetchUsed: 1 });
  });

  it('follows the chain while the product of probabilities stays above the threshold, and no further than its depth', async () => {
    const chain = { a: [['b', 0.9]], b: [['c', 0.9]], c: [['d', 0.9]], d: [['e', 0.9]] } as const;
    const predictor = certain(chain as unknown as Record<string, [string, number][]>);
    for (const [threshold, depth, expected] of [
      [0.75, 4, ['b', 'c']],
      [0.7, 4, ['b', 'c', 'd']],
      [0.7, 2, ['b', 'c']],
      [0.95, 4, []],
    ] as const) {
      const { origin, ahead, settle } = setUp({ predictor, threshold, depth });
      ahead.observe('a', 's');
      await settle();
      expect(origin.asked).toEqual(expected);
    }
  });

  it('goes round a loop once', async () => {
    const predictor = certain({ a: [['b', 1]], b: [['a', 1]] });
    const { origin, ahead, settle } = setUp({ predictor, depth: 64 });
    ahead.observe('a', 's');
    await settle();
    expect(origin.asked).toEqual(['b']);
  });

  it('asks a pair of the chain what follows it, not a pair that never was', async () => {
    const predictor = markov();
    for (const [at, walk] of ['xaby', 'xaby', 'pbz', 'pbz', 'pbz'].entries())
      for (const key of walk) predictor.observe(key, `${at}`);
    const { origin, ahead, settle } = setUp({ predictor });
    ahead.observe('x', 's');
    ahead.observe('a', 's');
    await settle();
    expect(origin.asked).toEqual(['a', 'b', 'y']);
  });

  it('runs no more loads at once than the budget allows, and frees the place of a load that ends or fails', async () => {
    const predictor = certain({
      a: [
        ['b', 0.9],
        ['c', 0.8],
        ['d', 0.7],
      ],
      x: [['y', 0.9]],
    });
    const { origin, ahead, settle } = setUp({ predictor, budget: { concurrent: 2 } });
    ahead.observe('a', 's');
    await settle();
    expect(origin.asked).toEqual(['b', 'c']);
    ahead.observe('x', 's');
    expect(ahead.stats).toEqual({ observations: 2, predictions: 4, started: 2, overBudget: 2 });
    origin.answer('b');
    await settle();
    ahead.observe('x', 's');
    await settle();
    expect(origin.asked).toEqual(['b', 'c', 'y']);
  });

  it('frees the place of a load that fails, throws at once, or hangs for a minute', async () => {
    const predictor = certain({ a: [['b', 0.9]], c: [['d', 0.9]] });
    const fails: Loader<string>[] = [
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down');
      },
    ];
    for (const load of fails) {
      const { ahead, settle } = setUp({ predictor, load, budget: { concurrent: 1 } });
      ahead.observe('a', 's');
      await settle();
      ahead.observe('c', 's');
      expect(ahead.stats.started).toBe(2);
    }
    const { ahead, settle, clock } = setUp({ predictor, budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    await settle();
    await clock.advance(59_999);
    ahead.observe('c', 's');
    expect(ahead.stats.started).toBe(1);
    await clock.advance(1);
    ahead.observe('c', 's');
    expect(ahead.stats.started).toBe(2);
  });

  it('frees the place of a load that is aborted at its deadline, also when it goes on', async () => {
    const clock = new ManualClock();
    const cache = createCache({ tiers: [memoryRemote({ clock })], clock });
    const namespace = cache.namespace<string>('pages', { deadline: 100 });
    const { ahead } = setUp({ namespace, clock, predictor: certain({ a: [['b', 0.9]] }), budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    await clock.advance(99);
    ahead.observe('a', 's');
    expect(ahead.stats).toMatchObject({ started: 1, overBudget: 1 });
    await clock.advance(1);
    ahead.observe('a', 's');
    expect(ahead.stats.started).toBe(2);
  });

  it('gives a place back when a tier had the value after all', async () => {
    const predictor = certain({ a: [['b', 0.9]], c: [['d', 0.9]] });
    const { namespace, origin, ahead, settle, clock } = setUp({ predictor, budget: { concurrent: 1 } });
    await namespace.set('b', 'already there');
    ahead.observe('a', 's');
    await settle();
    expect(origin.asked).toEqual([]);
    await clock.advance(1_000);
    ahead.observe('c', 's');
    await settle();
    expect(origin.asked).toEqual(['d']);
  });

  it('starts no more loads in a second than the budget allows', async () => {
    const chain = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, [[`n${i}`, 0.9]]]));
    const predictor = certain(chain as unknown as Record<string, [string, number][]>);
    const { ahead, clock } = setUp({ predictor, budget: { concurrent: 100, perSecond: 5 } });
    for (let i = 0; i < 20; i++) ahead.observe(`k${i}`, 's');
    expect(ahead.stats.started).toBe(5);
    await clock.advance(400);
    for (let i = 20; i < 40; i++) ahead.observe(`k${i}`, 's');
    expect(ahead.stats.started).toBe(7);
  });

  it('fetches nothing with a budget of nothing', () => {
    for (const budget of [{ concurrent: 0 }, { perSecond: 0 }]) {
      const { ahead } = setUp({ predictor: certain({ a: [['b', 1]] }), budget });
      ahead.observe('a', 's');
      expect(ahead.stats).toMatchObject({ predictions: 1, started: 0, overBudget: 1 });
    }
  });

  it('survives a key that the namespace refuses', () => {
    const predictor = certain({
      a: [
        ['', 0.9],
        ['b', 0.8],
      ],
    });
    const { ahead } = setUp({ predictor, budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    expect(ahead.stats.started).toBe(1);
  });

  it.each([
    [{ threshold: 1 }, 'threshold'],
    [{ threshold: -0.1 }, 'threshold'],
    [{ depth: 0 }, 'depth'],
    [{ depth: 65 }, 'depth'],
    [{ budget: { concurrent: -1 } }, 'concurrent'],
    [{ budget: { perSecond: '5' } }, 'perSecond'],
    [{ budget: { most: 5 } }, 'most'],
    [{ predictor: {} }, 'predictor'],
    [{ load: undefined }, 'load'],
    [{ namespace: undefined }, 'namespace'],
    [{ ahead: 3 }, 'ahead'],
  ])('refuses %j at construction', (options, named) => {
    const make = (): unknown => setUp(options as Partial<PrefetcherOptions<string>>);
    expect(make).toThrow(KvasirError);
    expect(make).toThrow(named);
  });
});
