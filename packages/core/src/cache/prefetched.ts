import type { Reporter } from './reporter.ts';

/** Beyond this the oldest half counts as wasted: nobody asked for it while the others were prefetched. */
const MAX_FOLLOWED = 10_000;

/** Follows what was prefetched until it is asked for (used), or is gone unasked (wasted). */
export class Prefetched {
  readonly #reporter: Reporter;
  readonly #keys = new Set<string>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  get size(): number {
    return this.#keys.size;
  }

  began(key: string): void {
    this.#reporter.key('prefetch', key);
    this.#keys.add(key);
    if (this.#keys.size > MAX_FOLLOWED)
      for (const oldest of [...this.#keys].slice(0, MAX_FOLLOWED / 2)) this.gone(oldest);
  }

  asked(key: string): void {
    if (this.#keys.size > 0 && this.#keys.delete(key)) this.#reporter.key('prefetch-used', key);
  }

  /** It could not be loaded, left the tiers, or was replaced. */
  gone(key: string): void {
    if (this.#keys.size > 0 && this.#keys.delete(key)) this.#reporter.key('prefetch-wasted', key);
  }

  allGone(): void {
    for (const key of this.#keys) this.gone(key);
  }
}
