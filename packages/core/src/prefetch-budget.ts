import type { Clock } from './clock.ts';
import { checkInteger, checkKnown, invalidOption } from './options.ts';
import { parseSize, type Size } from './units.ts';

/** What prefetching may cost. */
export interface PrefetchBudget {
  /** Prefetching loads that may run at once. Default 16. */
  readonly concurrent?: number;
  /** Prefetching loads that may start in a second, on average; as many may start at once. Default: no limit. */
  readonly perSecond?: number;
  /** Bytes of prefetched values that nobody has asked for yet. Default: no limit. */
  readonly bytes?: Size;
}

/** A load that has not begun after this long was answered by a tier instead; its place is free again. */
const UNBEGUN_MS = 1_000;
/** A load that hangs must not take its place with it. */
const LONGEST_MS = 60_000;
/** The size of the next value is guessed from about so many. */
const SIZES = 8;

/** One prefetch that the budget allowed. Ends by `end`, by `refund`, or when it is overdue. */
export interface Place {
  begin(): void;
  end(): void;
  /** Nothing was started: gives back the place and its part of the rate. */
  refund(): void;
}

/** How many prefetching loads may run at once, start in a second (a bucket that holds one second's worth), and lie unused. */
export class Budget {
  readonly countsBytes: boolean;
  readonly #concurrent: number;
  readonly #perSecond: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #most: number;
  /** Taken places, and the instant at which they are free again whatever happens. */
  readonly #places = new Map<Place, number>();
  #tokens: number;
  #filledAt: number;
  #heldBytes = 0;
  #meanBytes = 0;

  /** Throws INVALID_OPTION. */
  constructor(options: PrefetchBudget, clock: Clock) {
    checkKnown('prefetcher() budget', options, ['concurrent', 'perSecond', 'bytes']);
    const { concurrent = 16, perSecond = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = options;
    checkInteger('prefetcher() budget.concurrent', concurrent, 0);
    if (!(typeof perSecond === 'number' && perSecond >= 0))
      throw invalidOption('prefetcher() budget.perSecond', 'a number of at least 0', perSecond);
    this.#maxBytes = parseSize('prefetcher() budget.bytes', bytes);
    this.countsBytes = this.#maxBytes < Number.POSITIVE_INFINITY;
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
    if (this.#places.size >= this.#concurrent || this.#tokens < 1 || !this.#hasRoom()) return undefined;
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

  /** A value of so many bytes has come, and nobody has asked for it yet. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#meanBytes = this.#meanBytes === 0 ? bytes : this.#meanBytes + (bytes - this.#meanBytes) / SIZES;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** Loads that run are taken to bring what others brought. */
  #hasRoom(): boolean {
    if (!this.countsBytes) return true;
    return this.#maxBytes > 0 && this.#heldBytes + (this.#places.size + 1) * this.#meanBytes <= this.#maxBytes;
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
