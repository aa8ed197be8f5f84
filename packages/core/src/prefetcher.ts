/*
 * Fetch what will be asked for next, before it is.
 *
 * Problem: a prediction is worth something only if its load has begun early enough and does not take the place of real work.
 * Idea: each observed key is followed along the chain of predictions, as many steps as a stream makes in twice the time that a load takes; both
 * are measured (prefetch-pace.ts). Keys that are there or being loaded need nothing. For the others the measured precision of such guesses
 * decides (prefetch-gate.ts), and the budget. The loads begin in the next turn of the event loop, so that those of the requests of this turn
 * are on their way before them; a request that comes while its key is in flight joins that load.
 * Cost: an observation and a prediction of each predictor, and for each key on the chain a look-up; bench/prefetch. At most 2,048 guesses are
 * followed, for 1,024 requests each. No load beyond the budget.
 * Does not: queue. What the budget does not allow now is forgotten; it would come too late.
 * Papers: Padmanabhan and Mogul 1996; Cao, Felten, Karlin and Li 1995 (what prefetching must not harm); Patterson et al. 1995, section 4 (the
 * prefetch horizon); Srinath, Mutlu, Kim and Patt 2007 (feedback).
 */
import { type Clock, systemClock } from './clock.ts';
import type { LoadContext, Loader, Namespace } from './namespace.ts';
import { checkInteger, checkKnown, checkMethods, invalidOption } from './options.ts';
import { markov } from './predict/markov.ts';
import type { Prediction, Predictor } from './predict/predictor.ts';
import { Budget, type Place, type PrefetchBudget } from './prefetch-budget.ts';
import { Gate } from './prefetch-gate.ts';
import { MOST_STEPS, Pace } from './prefetch-pace.ts';
import { type Trial, Trials } from './prefetch-trials.ts';
import { sizeOf } from './size-of.ts';

export interface PrefetcherOptions<V> {
  readonly namespace: Pick<Namespace<V>, 'has' | 'prefetch'>;
  readonly load: Loader<V>;
  /** One or several, asked in turn. Default `markov()`. Not shared with other prefetchers unless their keys follow each other. */
  readonly predictor?: Predictor | readonly Predictor[];
  /** A key is fetched when the probability that it follows, and the measured precision of such guesses, are above this, 0 to 1. Default 0.3. */
  readonly threshold?: number;
  readonly budget?: PrefetchBudget;
  /** Steps of the chain to look ahead, 1 to 64. Default: measured. */
  readonly depth?: number;
  readonly clock?: Clock;
}

export interface PrefetcherStats {
  readonly observations: number;
  /** Guesses that passed the gate, each key once until it is asked for. */
  readonly predictions: number;
  /** Loads started; the other predictions were over budget, or there by the time. */
  readonly started: number;
  readonly overBudget: number;
  /** Asked for when it was there. */
  readonly used: number;
  /** Asked for while it was being loaded. */
  readonly late: number;
  /** Not asked for within 1,024 observations, pushed out before, or the load failed. */
  readonly wasted: number;
  /** Steps that are looked ahead now. */
  readonly depth: number;
}

export interface Prefetcher {
  /** `key` was asked for in `stream` (user, session or pipeline), before or after its look-up. Never throws because of a load. */
  observe(key: string, stream: string): void;
  readonly stats: PrefetcherStats;
}

/** On database keys with loads that take four requests, 0.3 serves 0.8 points more than 0.4 for 3 % more fetches. */
const DEFAULT_THRESHOLD = 0.3;

/** Throws INVALID_OPTION. */
export function prefetcher<V>(options: PrefetcherOptions<V>): Prefetcher {
  checkKnown('prefetcher()', options, ['namespace', 'load', 'predictor', 'threshold', 'budget', 'depth', 'clock']);
  const { namespace, load, threshold = DEFAULT_THRESHOLD, depth, clock = systemClock } = options;
  if (namespace === undefined) throw invalidOption('prefetcher() namespace', 'a namespace', namespace);
  checkMethods('prefetcher() namespace', namespace, ['has', 'prefetch']);
  checkMethods('prefetcher() clock', options.clock, ['now', 'after']);
  if (typeof load !== 'function') throw invalidOption('prefetcher() load', 'a function', load);
  const predictors = [options.predictor ?? markov()].flat();
  if (predictors.length === 0) throw invalidOption('prefetcher() predictor', 'at least one', predictors);
  for (const predictor of predictors) {
    if (typeof predictor?.observe !== 'function' || typeof predictor.predict !== 'function')
      throw invalidOption('prefetcher() predictor', 'a predictor, like markov()', predictor);
  }
  if (!(typeof threshold === 'number' && threshold >= 0 && threshold < 1))
    throw invalidOption('prefetcher() threshold', 'a number from 0 and below 1', threshold);
  if (depth !== undefined) checkInteger('prefetcher() depth', depth, 1);
  if (depth !== undefined && depth > MOST_STEPS)
    throw invalidOption('prefetcher() depth', `at most ${MOST_STEPS}`, depth);
  const budget = new Budget(options.budget ?? {}, clock);
  return new PredictingPrefetcher(namespace, load, predictors, threshold, budget, depth, clock);
}

class PredictingPrefetcher<V> implements Prefetcher {
  readonly #namespace: Pick<Namespace<V>, 'has' | 'prefetch'>;
  readonly #load: Loader<V>;
  readonly #predictors: readonly Predictor[];
  readonly #threshold: number;
  readonly #budget: Budget;
  readonly #depth: number | undefined;
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #pace = new Pace();
  readonly #trials = new Trials();
  /** Those that wait for the next turn. */
  #waiting: Trial[] = [];
  readonly #counts = { observations: 0, predictions: 0, started: 0, overBudget: 0, used: 0, late: 0, wasted: 0 };

  constructor(
    namespace: Pick<Namespace<V>, 'has' | 'prefetch'>,
    load: Loader<V>,
    predictors: readonly Predictor[],
    threshold: number,
    budget: Budget,
    depth: number | undefined,
    clock: Clock,
  ) {
    this.#namespace = namespace;
    this.#load = load;
    this.#predictors = predictors;
    this.#threshold = threshold;
    this.#budget = budget;
    this.#depth = depth;
    this.#clock = clock;
    this.#gate = new Gate(threshold, predictors.length);
  }

  get stats(): PrefetcherStats {
    return { ...this.#counts, depth: this.#depth ?? this.#pace.depth };
  }

  observe(key: string, stream: string): void {
    const now = this.#clock.now();
    const request = ++this.#counts.observations;
    this.#settle(key, now, request);
    for (const predictor of this.#predictors) predictor.observe(key, stream);
    const depth = this.#depth ?? this.#pace.depth;
    for (const [index, predictor] of this.#predictors.entries())
      for (const guess of predictor.predict(key, stream, this.#threshold, depth)) this.#consider(guess, index, now);
  }

  #settle(key: string, now: number, request: number): void {
    const asked = this.#trials.take(key);
    if (asked !== undefined) {
      this.#gate.settle(asked, true);
      this.#pace.cameTrue(asked.step, now - asked.madeAt);
      if (asked.state === 'loading') this.#counts.late++;
      else if (asked.state === 'loaded' || asked.state === 'started') this.#counts.used++;
      if (isFetched(asked)) this.#pace.asked();
      this.#release(asked);
    }
    this.#gate.count(asked?.isGood === true && this.#isEarly(now - asked.madeAt));
    for (let old = this.#trials.takeOverdue(request); old !== undefined; old = this.#trials.takeOverdue(request)) {
      this.#gate.settle(old, false);
      if (isFetched(old)) this.#counts.wasted++;
      this.#release(old);
    }
  }

  #isEarly(leadMs: number): boolean {
    const { latency } = this.#pace;
    return latency === 0 || leadMs > latency;
  }

  #release(trial: Trial): void {
    this.#budget.release(trial.bytes);
    trial.bytes = 0;
  }

  #consider({ key, probability, step, source }: Prediction, predictor: number, now: number): void {
    const known = this.#trials.get(key);
    if (known !== undefined && known.state !== 'guessed' && known.state !== 'loaded') return;
    if (this.#isThere(key)) return;
    const guess = { predictor, probability, source };
    const trial: Trial = known ?? {
      ...guess,
      key,
      step,
      madeAt: now,
      isGood: this.#gate.isGood(guess),
      state: 'guessed',
      startedAt: 0,
      bytes: 0,
    };
    if (known === undefined) this.#trials.add(trial, this.#counts.observations);
    if (trial.state === 'loaded') this.#pushedOut(trial);
    if (this.#gate.passes(guess)) this.#enqueue(trial);
  }

  /** A key that the namespace refuses needs no fetching: whoever asks for it is told. */
  #isThere(key: string): boolean {
    try {
      return this.#namespace.has(key);
    } catch {
      return true;
    }
  }

  #pushedOut(trial: Trial): void {
    this.#counts.wasted++;
    this.#pace.pushedOut();
    this.#release(trial);
    trial.isGood = false;
    trial.state = 'guessed';
  }

  #enqueue(trial: Trial): void {
    this.#counts.predictions++;
    trial.state = 'waiting';
    if (this.#waiting.push(trial) === 1) setImmediate(this.#startWaiting);
  }

  readonly #startWaiting = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const trial of waiting) this.#start(trial);
  };

  #start(trial: Trial): void {
    if (!this.#isFollowed(trial)) return;
    const place = this.#budget.take();
    trial.state = 'guessed';
    if (place === undefined) {
      this.#counts.overBudget++;
      return;
    }
    trial.state = 'started';
    trial.startedAt = this.#clock.now();
    const started = this.#tryPrefetch(trial, place);
    this.#counts.started += started;
    if (started > 0) return;
    place.refund();
    trial.state = 'guessed';
  }

  /** Nobody waits for it in this turn: what a namespace throws would end the process. Whoever asks for the key is told. */
  #tryPrefetch(trial: Trial, place: Place): number {
    try {
      return this.#namespace.prefetch([trial.key], (context) => this.#loadIn(place, trial, context));
    } catch {
      return 0;
    }
  }

  /** Nobody has asked for it yet, and its time is not up. */
  #isFollowed(trial: Trial): boolean {
    return this.#trials.get(trial.key) === trial;
  }

  async #loadIn(place: Place, trial: Trial, context: LoadContext<V>): Promise<V> {
    place.begin();
    trial.state = 'loading';
    context.signal.addEventListener('abort', () => place.end(), { once: true });
    try {
      const value = await this.#load(context);
      trial.state = 'loaded';
      this.#pace.landed(this.#clock.now() - trial.startedAt);
      this.#hold(trial, value);
      return value;
    } catch (error) {
      trial.state = 'given-up';
      if (this.#isFollowed(trial)) this.#counts.wasted++;
      throw error;
    } finally {
      place.end();
    }
  }

  #hold(trial: Trial, value: V): void {
    if (!this.#budget.countsBytes || !this.#isFollowed(trial)) return;
    trial.bytes = sizeOf(value);
    this.#budget.hold(trial.bytes);
  }
}

function isFetched({ state }: Trial): boolean {
  return state === 'started' || state === 'loading' || state === 'loaded';
}
