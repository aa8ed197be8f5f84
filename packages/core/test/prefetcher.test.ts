import { describe, expect, it } from 'vitest';
import {
  createCache,
  KvasirError,
  type Loader,
  type Namespace,
  type Predictor,
  type PrefetcherOptions,
  prefetcher,
  sequence,
} from '../src/index.ts';
import { ManualClock, memoryRemote } from '../src/testing/index.ts';

/** Loads that arrive when the test says so. */
class Origin {
  readonly asked: string[] = [];
  readonly #open = new Map<string, { resolve(value: string): void; reject(error: Error): void }>();

  readonly load: Loader<string> = ({ key }) => {
    this.asked.push(key);
    return new Promise((resolve, reject) => this.#open.set(key, { resolve, reject }));
  };

  answer(key: string, value = `value of ${key}`): void {
    this.#open.get(key)?.resolve(value);
    this.#open.delete(key);
  }

  fail(key: string): void {
    this.#open.get(key)?.reject(new Error('down'));
    this.#open.delete(key);
  }
}

/** Always the same followers for each key, so many steps ahead. */
function certain(
  followers: Record<string, readonly (readonly [key: string, probability: number, step?: number])[]>,
): Predictor {
  return {
    observe() {},
    predict: (from, _stream, threshold, depth = 1) =>
      (followers[from] ?? [])
        .map(([key, probability, step = 1]) => ({ key, probability, step, source: from.charCodeAt(0) }))
        .filter(({ probability, step }) => probability > threshold && step <= depth),
  };
}

function setUp(options: Partial<PrefetcherOptions<string>> = {}) {
  const clock = new ManualClock();
  const cache = createCache({ tiers: [memoryRemote({ clock })], clock });
  const namespace: Namespace<string> = cache.namespace<string>('pages');
  const origin = new Origin();
  const ahead = prefetcher({ namespace, load: origin.load, clock, ...options });
  /** The next turn of the event loop, and all that follows from it. */
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(0);
  };
  return { cache, clock, namespace, origin, ahead, settle };
}

describe('prefetcher', () => {
  it('fetches what usually comes next, so that it is there when it is asked for', async () => {
    const { namespace, origin, ahead, settle } = setUp();
    for (let visit = 0; visit < 40; visit++) for (const key of ['home', 'news']) ahead.observe(key, 'visitor');
    ahead.observe('home', 'visitor');
    await settle();
    expect(origin.asked).toContain('news');
    origin.answer('news');
    await settle();
    expect(await namespace.get('news')).toBe('value of news');
  });

  it('lets a demand request join the load that is in flight', async () => {
    const { cache, namespace, origin, ahead, settle } = setUp({ predictor: certain({ a: [['b', 1]] }) });
    ahead.observe('a', 's');
    await settle();
    const answer = namespace.getOrLoad('b', origin.load);
    await settle();
    origin.answer('b');
    expect(await answer).toBe('value of b');
    expect(origin.asked).toEqual(['b']);
    expect(cache.stats()).toMatchObject({ loads: 1, joins: 1, prefetches: 1, prefetchUsed: 1 });
  });

  it('asks its predictors for no more steps than its depth, and for nothing at or below the threshold', async () => {
    const predictor = certain({
      a: [
        ['b', 0.99, 1],
        ['c', 0.98, 2],
        ['d', 0.97, 3],
        ['e', 0.5, 1],
      ],
    });
    for (const [threshold, depth, expected] of [
      [0.5, 4, ['b', 'c', 'd']],
      [0.5, 2, ['b', 'c']],
      [0.98, 4, []],
    ] as const) {
      const { origin, ahead, settle } = setUp({ predictor, threshold, depth });
      ahead.observe('a', 's');
      await settle();
      expect(origin.asked).toEqual(expected);
    }
  });

  it('asks several predictors in turn, and fetches a key once', async () => {
    const predictor = [
      certain({ a: [['b', 1]] }),
      certain({
        a: [
          ['b', 1],
          ['c', 1],
        ],
      }),
      sequence(),
    ];
    const { origin, ahead, settle } = setUp({ predictor });
    for (const key of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'a']) ahead.observe(key, 's');
    await settle();
    expect(origin.asked.filter((key) => key.length === 1)).toEqual(['b', 'c']);
  });

  it('begins its loads after those of the requests of the same turn', async () => {
    const { namespace, origin, ahead, settle } = setUp({ predictor: certain({ a: [['b', 1]] }) });
    ahead.observe('a', 's');
    expect(origin.asked).toEqual([]);
    const answer = namespace.getOrLoad('a', origin.load);
    await settle();
    expect(origin.asked).toEqual(['a', 'b']);
    origin.answer('a');
    expect(await answer).toBe('value of a');
  });

  it('tells what became of what it fetched: used, late, wasted', async () => {
    const { origin, ahead, settle } = setUp({
      predictor: certain({
        a: [
          ['b', 1],
          ['c', 1],
          ['d', 1],
          ['e', 1],
        ],
      }),
    });
    ahead.observe('a', 's');
    await settle();
    origin.answer('b');
    origin.fail('d');
    await settle();
    ahead.observe('b', 's');
    ahead.observe('c', 's');
    expect(ahead.stats).toMatchObject({ started: 4, used: 1, late: 1, wasted: 1 });
    origin.answer('e');
    await settle();
    for (let at = 0; at < 1_100; at++) ahead.observe(`other ${at}`, 's');
    expect(ahead.stats).toMatchObject({ started: 4, used: 1, late: 1, wasted: 2 });
  });

  it('looks as many steps ahead as streams make in twice the time of a load', async () => {
    const predictor = certain(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, at) => [
          String.fromCharCode(200 + at),
          [[String.fromCharCode(201 + at), 1] as const],
        ]),
      ),
    );
    const { clock, origin, ahead, settle } = setUp({ predictor });
    for (let at = 0; at < 40; at++) {
      ahead.observe(String.fromCharCode(200 + at), 's');
      await settle();
      await clock.advance(10);
      origin.answer(String.fromCharCode(200 + at - 2));
      await settle();
    }
    expect(ahead.stats.depth).toBeGreaterThanOrEqual(4);
    expect(ahead.stats.depth).toBeLessThanOrEqual(10);
  });

  it('no longer fetches from a state that wastes, and begins again when its guesses come true', async () => {
    const { origin, ahead, settle, clock } = setUp({ predictor: certain({ w: [['x', 0.92]], g: [['h', 1]] }) });
    const visit = async (...keys: string[]): Promise<void> => {
      for (const key of keys) {
        ahead.observe(key, 's');
        await settle();
        origin.answer('x');
        origin.answer('h');
        await settle();
        await clock.advance(120_000);
      }
    };
    for (let round = 0; round < 8; round++) {
      await visit('w', 'g', 'h');
      for (let at = 0; at < 1_100; at++) ahead.observe('other', 's');
    }
    const wasted = origin.asked.filter((key) => key === 'x').length;
    expect(wasted).toBeLessThan(8);
    expect(origin.asked.filter((key) => key === 'h').length).toBe(8);
    for (let round = 0; round < 40; round++) await visit('w', 'x');
    expect(origin.asked.filter((key) => key === 'x').length).toBeGreaterThan(wasted);
  });

  it('keeps no more bytes unasked for than the budget allows', async () => {
    const predictor = certain({ a: [['b', 1]], c: [['d', 1]], e: [['f', 1]] });
    const { origin, ahead, settle } = setUp({ predictor, budget: { bytes: 100 } });
    ahead.observe('a', 's');
    await settle();
    origin.answer('b', 'x'.repeat(200));
    await settle();
    ahead.observe('c', 's');
    await settle();
    expect(ahead.stats).toMatchObject({ started: 1, overBudget: 1 });
    ahead.observe('b', 's');
    ahead.observe('e', 's');
    await settle();
    expect(origin.asked).toEqual(['b']);
    const small = setUp({ predictor, budget: { bytes: '1KB' } });
    small.ahead.observe('a', 's');
    await small.settle();
    small.origin.answer('b');
    await small.settle();
    small.ahead.observe('c', 's');
    await small.settle();
    expect(small.origin.asked).toEqual(['b', 'd']);
  });

  it('runs no more loads at once than the budget allows, and frees the place of a load that ends or fails', async () => {
    const predictor = certain({
      a: [
        ['b', 1],
        ['c', 1],
        ['d', 1],
      ],
      x: [['y', 1]],
    });
    const { origin, ahead, settle } = setUp({ predictor, budget: { concurrent: 2 } });
    ahead.observe('a', 's');
    await settle();
    expect(origin.asked).toEqual(['b', 'c']);
    ahead.observe('x', 's');
    await settle();
    expect(ahead.stats).toMatchObject({ observations: 2, predictions: 4, started: 2, overBudget: 2 });
    origin.answer('b');
    await settle();
    ahead.observe('x', 's');
    await settle();
    expect(origin.asked).toEqual(['b', 'c', 'y']);
  });

  it('frees the place of a load that fails, throws at once, or hangs for a minute', async () => {
    const predictor = certain({ a: [['b', 1]], c: [['d', 1]] });
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
      await settle();
      expect(ahead.stats.started).toBe(2);
    }
    const { ahead, settle, clock } = setUp({ predictor, budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    await settle();
    await clock.advance(59_999);
    ahead.observe('c', 's');
    await settle();
    expect(ahead.stats.started).toBe(1);
    await clock.advance(1);
    ahead.observe('c', 's');
    await settle();
    expect(ahead.stats.started).toBe(2);
  });

  it('frees the place of a load that is aborted at its deadline, also when it goes on', async () => {
    const clock = new ManualClock();
    const cache = createCache({ tiers: [memoryRemote({ clock })], clock });
    const namespace = cache.namespace<string>('pages', { deadline: 100 });
    const predictor = certain({ a: [['b', 1]], c: [['d', 1]] });
    const { ahead, settle } = setUp({ namespace, clock, predictor, budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    await settle();
    await clock.advance(99);
    ahead.observe('c', 's');
    await settle();
    expect(ahead.stats).toMatchObject({ started: 1, overBudget: 1 });
    await clock.advance(1);
    ahead.observe('c', 's');
    await settle();
    expect(ahead.stats.started).toBe(2);
  });

  it('gives a place back when a tier had the value after all', async () => {
    const predictor = certain({ a: [['b', 1]], c: [['d', 1]] });
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
    const predictor = certain(
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`, [[`n${i}`, 1] as const]])),
    );
    const { ahead, clock, settle } = setUp({ predictor, budget: { concurrent: 100, perSecond: 5 } });
    for (let i = 0; i < 20; i++) ahead.observe(`${i}`, 's');
    await settle();
    expect(ahead.stats.started).toBe(5);
    await clock.advance(400);
    for (let i = 20; i < 40; i++) ahead.observe(`${i}`, 's');
    await settle();
    expect(ahead.stats.started).toBe(7);
  });

  it('fetches nothing with a budget of nothing', async () => {
    for (const budget of [{ concurrent: 0 }, { perSecond: 0 }, { bytes: 0 }]) {
      const { ahead, settle } = setUp({ predictor: certain({ a: [['b', 1]] }), budget });
      ahead.observe('a', 's');
      await settle();
      expect(ahead.stats).toMatchObject({ predictions: 1, started: 0, overBudget: 1 });
    }
  });

  it('survives a key that the namespace refuses', async () => {
    const predictor = certain({
      a: [
        ['', 1],
        ['b', 1],
      ],
    });
    const { ahead, settle } = setUp({ predictor, budget: { concurrent: 1 } });
    ahead.observe('a', 's');
    await settle();
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
    [{ predictor: [] }, 'predictor'],
    [{ budget: { bytes: -1 } }, 'bytes'],
    [{ clock: {} }, 'clock'],
    [{ load: undefined }, 'load'],
    [{ namespace: undefined }, 'namespace'],
    [{ ahead: 3 }, 'ahead'],
  ])('refuses %j at construction', (options, named) => {
    const make = (): unknown => setUp(options as Partial<PrefetcherOptions<string>>);
    expect(make).toThrow(KvasirError);
    expect(make).toThrow(named);
  });

  it('goes on when the namespace refuses to prefetch', async () => {
    const refusing: Pick<Namespace<string>, 'has' | 'prefetch'> = {
      has: () => false,
      prefetch() {
        throw new Error('closed');
      },
    };
    const { ahead, settle } = setUp({ namespace: refusing, predictor: certain({ a: [['b', 0.99]] }) });
    ahead.observe('a', 's');
    await settle();
    expect(ahead.stats).toMatchObject({ predictions: 1, started: 0, overBudget: 0 });
  });
});
