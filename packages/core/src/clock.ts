import { nextTick } from 'node:process';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Where time comes from. Tests pass a {@link ManualClock} of `@kvasir/core/testing`. */
export interface Clock {
  now(): EpochMs;
  /**
   * For hits, which may be asked for more often than time moves: an instant that lies behind `now` by a millisecond, or for as long as one callback
   * of the event loop runs without asking. Default: `now`.
   */
  coarseNow?(): EpochMs;
  /** Runs `run` once after `ms`; the returned function cancels it. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Once an instant was asked for this many times it is repeated, this many times: then more than 32 hits come in a millisecond, and the repeats end
 * within the next. Date.now() takes 46 ns where a Map look-up takes 15 and a repeat 4 (docs/decisions.md).
 */
const REPEATS = 32;

/** A clock that a test has put in its place stands still between its own steps. */
const dateNow = Date.now;
// Numbers this large stand in a typed array without an object each.
const read = new Float64Array(1);
let repeatsLeft = 0;
let readsOfInstant = 0;
let endsWithTick = false;

export const systemClock: Required<Clock> = {
  now: () => Date.now(),
  coarseNow() {
    if (repeatsLeft === 0) return readCoarsely();
    repeatsLeft--;
    return read[0] as EpochMs;
  },
  after(ms, run) {
    // setTimeout wraps above 2^31 - 1 ms and would fire at once.
    const timer = setTimeout(run, Math.min(ms, 0x7fffffff));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** `clock`, with a `coarseNow` that is its `now` where it has none. */
export function withCoarseNow(clock: Clock): Required<Clock> {
  if (clock.coarseNow !== undefined) return clock as Required<Clock>;
  const now = (): EpochMs => clock.now();
  return { now, coarseNow: now, after: (ms, run) => clock.after(ms, run) };
}

function readCoarsely(): EpochMs {
  const now = Date.now();
  if (now !== read[0]) {
    read[0] = now;
    readsOfInstant = 0;
  } else if (++readsOfInstant >= REPEATS && Date.now === dateNow) {
    repeatsLeft = REPEATS;
    if (!endsWithTick) {
      endsWithTick = true;
      // The event loop may wait for as long as it likes after this callback.
      nextTick(endRepeats);
    }
  }
  return now;
}

function endRepeats(): void {
  repeatsLeft = 0;
  endsWithTick = false;
}
