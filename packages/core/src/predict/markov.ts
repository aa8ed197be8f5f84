/*
 * What follows what: a Markov chain of order 1 and 2 with back-off.
 *
 * Problem: guess the next key early enough to fetch it, from nothing but the order in which keys were asked for.
 * Idea: count, for each key, which keys followed it in the same stream (order 1), and for each pair of keys what followed the pair (order 2).
 * Two keys of context tell apart what one mixes, as soon as the pair has been seen a few times; until then the single key answers.
 * P(next | state) = count / total, both halved now and then, so that the chain follows what people do now. A key that repeats itself is one
 * visit: it needs no fetching.
 * Cost: per observation two or three look-ups and moves, per prediction one look-up and a scan of at most `maxSuccessors`. Memory: at most
 * `maxStates` states of each order, `maxStreams` streams, the least recently used forgotten first; keys are referred to, not copied.
 * Does not: see time, predict keys it has never seen, or learn from keys and streams of more than 2,048 characters.
 * Papers: Bestavros 1995 and Padmanabhan and Mogul 1996 (Markov prefetching on the web); Vitter and Krishnan 1996; Cleary and Witten 1984
 * (back-off); Misra and Gries 1982 (bounded counting).
 */
import { checkInteger, checkKnown } from '../options.ts';
import type { Prediction, Predictor } from './predictor.ts';
import { RecentMap } from './recent-map.ts';
import { Successors } from './successors.ts';

export interface MarkovOptions {
  /** States remembered of each order. Default 10,000. */
  readonly maxStates?: number;
  /** Streams whose last two keys are remembered. Default 1,000. */
  readonly maxStreams?: number;
  /** Followers remembered of each state. Default 8. */
  readonly maxSuccessors?: number;
}

/** One observation of a pair is chance: precision on click traces falls from 0.49 to 0.40; waiting for a third or fourth only loses predictions. */
const LEAST_PAIR_OBSERVATIONS = 2;
const LONGEST = 2_048;

interface Stream {
  /** undefined before its second key. */
  before: string | undefined;
  last: string | undefined;
}

/** Throws INVALID_OPTION. */
export function markov(options: MarkovOptions = {}): Predictor {
  checkKnown('markov()', options, ['maxStates', 'maxStreams', 'maxSuccessors']);
  const { maxStates = 10_000, maxStreams = 1_000, maxSuccessors = 8 } = options;
  checkInteger('markov() maxStates', maxStates, 1);
  checkInteger('markov() maxStreams', maxStreams, 1);
  checkInteger('markov() maxSuccessors', maxSuccessors, 1);
  return new Markov(maxStates, maxStreams, maxSuccessors);
}

class Markov implements Predictor {
  readonly #maxSuccessors: number;
  readonly #singles: RecentMap<Successors>;
  readonly #pairs: RecentMap<Successors>;
  readonly #streams: RecentMap<Stream>;

  constructor(maxStates: number, maxStreams: number, maxSuccessors: number) {
    this.#maxSuccessors = maxSuccessors;
    this.#singles = new RecentMap(maxStates);
    this.#pairs = new RecentMap(maxStates);
    this.#streams = new RecentMap(maxStreams);
  }

  observe(key: string, stream: string): void {
    if (key.length > LONGEST || stream.length > LONGEST) return;
    const place = this.#streams.obtain(stream, () => ({ before: undefined, last: undefined }));
    const { before, last } = place;
    if (key === last) return;
    if (last !== undefined) {
      this.#singles.obtain(last, () => new Successors()).add(key, this.#maxSuccessors);
      if (before !== undefined)
        this.#pairs.obtain(pairOf(before, last), () => new Successors()).add(key, this.#maxSuccessors);
    }
    place.before = last;
    place.last = key;
  }

  predict(key: string, stream: string, threshold: number, before?: string): readonly Prediction[] {
    const context = before ?? this.#contextOf(key, stream);
    const pair = context === undefined ? undefined : this.#pairs.peek(pairOf(context, key));
    const state = pair !== undefined && pair.total >= LEAST_PAIR_OBSERVATIONS ? pair : this.#singles.peek(key);
    return state?.above(threshold) ?? [];
  }

  #contextOf(key: string, stream: string): string | undefined {
    const place = this.#streams.peek(stream);
    return place?.last === key ? place.before : place?.last;
  }
}

/** The length keeps `a b` + `c` and `a` + `b c` apart. */
function pairOf(before: string, key: string): string {
  return `${before.length} ${before} ${key}`;
}
