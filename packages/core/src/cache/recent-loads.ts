import type { Clock, EpochMs } from '../clock.ts';

/** How long the news of a delete may take from one process to another; in practice a few milliseconds. */
const NEWS_MS = 1_000;
const MAX_LOADS = 10_000;

/**
 * Loads whose values were given to the remote tier lately: for one to two seconds, or the last 5,000 at least. A key that was deleted in another
 * process while it was loaded here may have been written after that delete and before the news of it: such a value must go again.
 */
export class RecentLoads {
  readonly #clock: Clock;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedAt: EpochMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string): void {
    this.#turn();
    this.#young.add(key);
  }

  /** Those of `keys` that were loaded lately. */
  of(keys: readonly string[]): string[] {
    this.#turn();
    return keys.filter((key) => this.#young.has(key) || this.#old.has(key));
  }

  all(): string[] {
    this.#turn();
    return [...new Set([...this.#old, ...this.#young])];
  }

  #turn(): void {
    const age = this.#clock.now() - this.#turnedAt;
    if (age <= NEWS_MS && this.#young.size < MAX_LOADS / 2) return;
    this.#old = age <= 2 * NEWS_MS ? this.#young : new Set();
    this.#young = new Set();
    this.#turnedAt = this.#clock.now();
  }
}
