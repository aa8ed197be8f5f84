/*
 * Fetch what will be asked for next, before it is.
 *
 * Problem: a prediction is worth something only if its load has begun early enough and does not take the place of real work.
 * Idea: each observed key is followed along the chain of predictions for as long as the product of their probabilities stays above the
 * threshold, since the next key alone arrives too late when a load takes longer than the time between two requests. What is found is
 * prefetched likeliest first: the namespace skips what is fresh or being loaded, and lets a demand request join a load in flight. Each source
 * state is its own gate: predictions that fail lower their own probability until they are no longer made.
 * Cost: at most `depth` x 8 predictions an observation, and no load beyond the budget.
 * Does not: queue. What the budget does not allow now is forgotten; it would come too late.
 * Papers: Padmanabhan and Mogul 1996; Cao, Felten, Karlin and Li 1995 (what prefetching must not harm).
 */
import { type Clock, systemClock } from './clock.ts';
import type { LoadContext, Loader, Namespace } from './namespace.ts';
import { checkInteger, checkKnown, invalidOption } from './options.ts';
import { lookAhead } from './predict/look-ahead.ts';
import { markov } from './predict/markov.ts';
import type { Predictor } from './predict/predictor.ts';
import { Budget, type Place } from './prefetch-budget.ts';

/** What prefetching may cost. */
export interface PrefetchBudget {
  /** Prefetching loads that may run at once. Default 4. */
  readonly concurrent?: number;
  /** Prefetching loads that may start in a second, on average; as many may start at once. Default: no limit. */
  readonly perSecond?: number;
}

export interface PrefetcherOptions<V> {
  readonly namespace: Namespace<V>;
  readonly load: Loader<V>;
  /** Default `markov()`. Not shared with other prefetchers unless their keys follow each other. */
  readonly predictor?: Predictor;
  /** A key is fetched when the probability that it follows is above this, 0 to 1. Default 0.5. */
  readonly threshold?: number;
  readonly budget?: PrefetchBudget;
  /** Steps of the chain to look ahead, 1 to 64; about twice the requests that a stream makes while a load runs. Default 4. */
  readonly depth?: number;
  readonly clock?: Clock;
}

export interface PrefetcherStats {
  readonly observations: number;
  /** Keys predicted above the threshold. */
  readonly predictions: number;
  /** Loads started; the rest of the predictions were there already, in flight, or over budget. */
  readonly started: number;
  readonly overBudget: number;
}

export interface Prefetcher {
  /** `key` was asked for in `stream` (user, session or pipeline). Never throws because of a load. */
  observe(key: string, stream: string): void;
  readonly stats: PrefetcherStats;
}

const MOST_STEPS = 64;

/** Throws INVALID_OPTION. */
export function prefetcher<V>(options: PrefetcherOptions<V>): Prefetcher {
  checkKnown('prefetcher()', options, ['namespace', 'load', 'predictor', 'threshold', 'budget', 'depth', 'clock']);
  const { namespace, load, predictor = markov(), threshold = 0.5, depth = 4, clock = systemClock } = options;
  if (typeof namespace?.prefetch !== 'function')
    throw invalidOption('prefetcher() namespace', 'a namespace', namespace);
  if (typeof load !== 'function') throw invalidOption('prefetcher() load', 'a function', load);
  if (typeof predictor?.predict !== 'function')
    throw invalidOption('prefetcher() predictor', 'a predictor, like markov()', predictor);
  if (!(typeof threshold === 'number' && threshold >= 0 && threshold < 1))
    throw invalidOption('prefetcher() threshold', 'a number from 0 and below 1', threshold);
  checkInteger('prefetcher() depth', depth, 1);
  if (depth > MOST_STEPS) throw invalidOption('prefetcher() depth', `at most ${MOST_STEPS}`, depth);
  const budget = openBudget(options.budget ?? {}, clock);
  const stats = { observations: 0, predictions: 0, started: 0, overBudget: 0 };

  async function loadIn(place: Place, context: LoadContext<V>): Promise<V> {
    place.begin();
    context.signal.addEventListener('abort', () => place.end(), { once: true });
    try {
      return await load(context);
    } finally {
      place.end();
    }
  }

  function start(key: string): void {
    const place = budget.take();
    if (place === undefined) {
      stats.overBudget++;
      return;
    }
    try {
      const started = namespace.prefetch([key], (context) => loadIn(place, context));
      if (started === 0) place.refund();
      stats.started += started;
    } catch {
      // A key that the namespace refuses: whoever asks for it is told.
      place.refund();
    }
  }

  return {
    get stats() {
      return { ...stats };
    },
    observe(key, stream) {
      stats.observations++;
      predictor.observe(key, stream);
      const ahead = lookAhead(predictor, key, stream, threshold, depth);
      stats.predictions += ahead.length;
      for (const next of ahead) start(next);
    },
  };
}

function openBudget(options: PrefetchBudget, clock: Clock): Budget {
  checkKnown('prefetcher() budget', options, ['concurrent', 'perSecond']);
  const { concurrent = 4, perSecond = Number.POSITIVE_INFINITY } = options;
  checkInteger('prefetcher() budget.concurrent', concurrent, 0);
  if (!(typeof perSecond === 'number' && perSecond >= 0))
    throw invalidOption('prefetcher() budget.perSecond', 'a number of at least 0', perSecond);
  return new Budget(concurrent, perSecond, clock);
}
