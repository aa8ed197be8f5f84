import type { Clock } from '../clock.ts';
import { withDeadline } from './deadline.ts';

const LATE = new Error('the budget is spent');

/** How much longer one request may wait for the remote tier, all its calls together. */
export class Budget {
  readonly #clock: Clock;
  #leftMs: number;

  /** `ms` may be Infinity. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#leftMs = ms;
  }

  get isSpent(): boolean {
    return this.#leftMs <= 0;
  }

  /** What `work` brings, or `late()` when it takes longer than what is left; what needs no waiting is had even of a spent budget. */
  async spend<T>(work: Promise<T>, late: () => T): Promise<T> {
    const from = this.#clock.now();
    try {
      return await withDeadline(work, Math.max(0, this.#leftMs), this.#clock, () => LATE);
    } catch (error) {
      if (error === LATE) return late();
      throw error;
    } finally {
      this.#leftMs -= this.#clock.now() - from;
    }
  }
}
