/** What concerns one key runs in the order it was asked for, as a store may let one call overtake another; different keys run side by side. */
export class Sequence {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** What of `key` is still running or to come, if anything. */
  tail(key: string): Promise<unknown> | undefined {
    return this.#tails.get(key);
  }

  /** Runs `work`, which must not reject, after all that was asked for before: of `keys`, or of every key. At once when there is nothing. */
  run<T>(keys: readonly string[] | 'all', work: () => Promise<T>): Promise<T> {
    const before = keys === 'all' ? [...this.#tails.values()] : keys.flatMap((key) => this.#tails.get(key) ?? []);
    const running = before.length === 0 ? work() : Promise.all(before).then(work);
    if (keys !== 'all') this.#follow(keys, running);
    return running;
  }

  #follow(keys: readonly string[], running: Promise<unknown>): void {
    for (const key of keys) this.#tails.set(key, running);
    void running.then(() => {
      for (const key of keys) if (this.#tails.get(key) === running) this.#tails.delete(key);
    });
  }
}
