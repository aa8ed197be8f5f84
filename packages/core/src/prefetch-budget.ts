import type { Clock } from './clock.ts';

/** A load that has not begun after this long was answered by a tier instead; its place is free again. */
const UNBEGUN_MS = 1_000;
/** A load that hangs must not take its place with it. */
const LONGEST_MS = 60_000;

/** One prefetch that the budget allowed. Ends by `end`, by `refund`, or when it is overdue. */
export interface Place {
  begin(): void;
  end(): void;
  /** Nothing was started: gives back the place and its part of the rate. */
  refund(): void;
}

/** How many prefetching loads may run at once and start in a second (a bucket that holds one second's worth). */
export class Budget {
  readonly #concurrent: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #most: number;
  /** Taken places, and the instant at which they are free again whatever happens. */
  readonly #places = new Map<Place, number>();
  #tokens: number;
  #filledAt: number;

  constructor(concurrent: number, perSecond: number, clock: Clock) {
    this.#concurrent = concurrent;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#most = perSecond === 0 ? 0 : Math.max(1, perSecond);
    this.#tokens = this.#most;
    this.#filledAt = clock.now();
  }

  take(): Place | undefined {
    const now = this.#clock.now();
    if (this.#places.size >= this.#concurrent) this.#dropOverdue(now);
    this.#fill(now);
    if (this.#places.size >= this.#concurrent || this.#tokens < 1) return undefined;
    this.#tokens--;
    const places = this.#places;
    const place: Place = {
      begin: () => {
        if (places.has(place)) places.set(place, this.#clock.now() + LONGEST_MS);
      },
      end: () => void places.delete(place),
      refund: () => {
        if (places.delete(place)) this.#tokens++;
      },
    };
    places.set(place, now + UNBEGUN_MS);
    return place;
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#filledAt);
    if (this.#tokens < this.#most)
      this.#tokens = Math.min(this.#most, this.#tokens + (passed * this.#perSecond) / 1_000);
    this.#filledAt = now;
  }

  #dropOverdue(now: number): void {
    for (const [place, until] of this.#places) if (until <= now) this.#places.delete(place);
  }
}
