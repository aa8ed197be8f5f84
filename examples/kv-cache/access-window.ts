/** P(D): how often each key was among the last `length` requests, exactly. Bounded by `length` keys. */
export class AccessWindow {
  readonly #length: number;
  readonly #recent: string[] = [];
  readonly #counts = new Map<string, number>();
  #next = 0;

  constructor(length: number) {
    this.#length = length;
  }

  observe(key: string): void {
    const leaving = this.#recent[this.#next];
    if (leaving !== undefined) this.#add(leaving, -1);
    this.#recent[this.#next] = key;
    this.#next = (this.#next + 1) % this.#length;
    this.#add(key, 1);
  }

  /** 0 to 1; 0 before anything was asked for. */
  probability(key: string): number {
    return this.#recent.length === 0 ? 0 : (this.#counts.get(key) ?? 0) / this.#recent.length;
  }

  #add(key: string, change: number): void {
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
