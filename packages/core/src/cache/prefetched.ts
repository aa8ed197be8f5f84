import type { Reporter } from './reporter.ts';

/** Keys beyond this are no longer followed. */
const MAX_FOLLOWED = 10_000;

/** Follows what was prefetched until it is asked for (used) or leaves unasked (wasted). */
export class Prefetched {
  readonly #reporter: Reporter;
  readonly #keys = new Set<string>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  began(key: string): void {
    this.#reporter.key('prefetch', key);
    if (this.#keys.size < MAX_FOLLOWED) this.#keys.add(key);
  }

  asked(key: string): void {
    if (this.#keys.size > 0 && this.#keys.delete(key)) this.#reporter.key('prefetch-used', key);
  }

  left(key: string): void {
    if (this.#keys.size > 0 && this.#keys.delete(key)) this.#reporter.key('prefetch-wasted', key);
  }
}
