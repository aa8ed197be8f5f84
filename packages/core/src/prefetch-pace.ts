/** A load's time is averaged over about so many. */
const LOADS = 8;
/** The median moves by this part with each guess that came true: some dozens of them after a change of pace. */
const NUDGE = 1 / 16;
/** Milliseconds; below what a clock can tell. */
const LEAST_STEP = 1 / 1_024;
/** Until a load has been timed. */
const FIRST_DEPTH = 4;
/** Loads take now less, now more, and streams hurry: on database keys hits rise until about twice the mean (bench/prefetch). */
const MARGIN = 2;
export const MOST_STEPS = 64;
/** Steps given up for a prefetched key that was pushed out, and won back for one that was asked for: a key in eight may be lost before depth is. */
const RETREAT = 1 / 2;
const RECOVERY = 1 / 16;

/**
 * How far ahead to look: as many steps as a stream makes in twice the time that a load takes, and one more. Fewer, when what was prefetched is
 * pushed out before it is asked for: the cache is too small for so much foresight.
 */
export class Pace {
  /** Milliseconds, mean; undefined before the first. */
  #latency: number | undefined;
  /** Milliseconds that a stream takes for a step, median: some guesses come true by chance, long after. */
  #stepTime: number | undefined;
  #deepest = MOST_STEPS;

  /** Milliseconds that a prefetch takes. */
  get latency(): number {
    return this.#latency ?? 0;
  }

  get depth(): number {
    return Math.max(1, Math.min(this.#wanted(), Math.floor(this.#deepest)));
  }

  landed(ms: number): void {
    this.#latency = this.#latency === undefined ? ms : this.#latency + (ms - this.#latency) / LOADS;
  }

  /** A guess so many steps ahead came true after `ms`. */
  cameTrue(steps: number, ms: number): void {
    const time = Math.max(LEAST_STEP, ms / steps);
    if (this.#stepTime === undefined) this.#stepTime = time;
    else this.#stepTime *= time > this.#stepTime ? 1 + NUDGE : 1 - NUDGE;
  }

  pushedOut(): void {
    this.#deepest = Math.max(1, Math.min(this.#deepest, this.depth) - RETREAT);
  }

  asked(): void {
    this.#deepest = Math.min(MOST_STEPS, this.#deepest + RECOVERY);
  }

  #wanted(): number {
    if (this.#latency === undefined) return FIRST_DEPTH;
    if (this.#latency <= 0) return 1;
    if (this.#stepTime === undefined) return FIRST_DEPTH;
    return 1 + Math.ceil((MARGIN * this.#latency) / this.#stepTime);
  }
}
