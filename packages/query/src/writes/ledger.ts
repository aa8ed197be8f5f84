import type { Cache } from '@kvasir/core';

/** What pools of this process that share a cache must know of each other at once. */
export class Ledger {
  readonly #marks = new Map<string, number>();
  readonly #epochs = new Map<string, number>();

  /** From just before a write may become visible until its tags have been invalidated: nobody reads from or into the cache under these tags. */
  mark(tags: Iterable<string>): void {
    for (const tag of tags) this.#marks.set(tag, (this.#marks.get(tag) ?? 0) + 1);
  }

  unmark(tags: Iterable<string>): void {
    for (const tag of tags) {
      const left = (this.#marks.get(tag) ?? 0) - 1;
      if (left > 0) this.#marks.set(tag, left);
      else this.#marks.delete(tag);
    }
  }

  isMarked(tags: readonly string[]): boolean {
    return this.#marks.size > 0 && tags.some((tag) => this.#marks.has(tag));
  }

  /** Counts schema changes of a database; a catalog loaded under another number is out of date. */
  epochOf(database: string): number {
    return this.#epochs.get(database) ?? 0;
  }

  advance(database: string): void {
    this.#epochs.set(database, this.epochOf(database) + 1);
  }
}

const ledgers = new WeakMap<Cache, Ledger>();

export function ledgerOf(cache: Cache): Ledger {
  const known = ledgers.get(cache);
  if (known !== undefined) return known;
  const ledger = new Ledger();
  ledgers.set(cache, ledger);
  return ledger;
}
