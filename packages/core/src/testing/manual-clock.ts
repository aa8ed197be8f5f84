import type { Clock, EpochMs } from '../clock.ts';

interface Timer {
  readonly at: EpochMs;
  readonly run: () => void;
}

/** Time that moves only when told. */
export class ManualClock implements Clock {
  #now: EpochMs;
  #timers: Timer[] = [];

  /** `start` defaults to 2026-01-01T00:00:00Z. */
  constructor(start: EpochMs = 1_767_225_600_000) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves on by `ms`, running what falls due in order; promises and I/O callbacks that are ready get a few turns before and after each step. */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.#now + ms;
    for (let next = this.#takeDue(end); next !== undefined; next = this.#takeDue(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #takeDue(end: EpochMs): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
    if (due !== undefined) this.#timers = this.#timers.filter((timer) => timer !== due);
    return due;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
