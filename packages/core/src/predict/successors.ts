import type { Prediction } from './predictor.ts';

/** When a state has been left this often its counts are halved: what it did lately weighs more, and change shows within some thirty visits. */
const MOST_OBSERVED = 64;
/** After six halvings nothing is left of a single observation. */
const LEAST_COUNT = 1 / 64;

/** What followed one state, and how often. Counts of the most frequent `limit` keys; they are never overestimated. */
export class Successors {
  readonly #keys: string[] = [];
  readonly #counts: number[] = [];
  #total = 0;

  /** How often the state was left, halved with the counts. */
  get total(): number {
    return this.#total;
  }

  /** When all places are taken the least frequent loses one for each newcomer, and its place when it has none (Misra and Gries 1982). */
  add(key: string, limit: number): void {
    this.#total++;
    const at = this.#keys.indexOf(key);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    else if (this.#keys.length < limit) this.#put(this.#keys.length, key);
    else this.#challenge(key);
    if (this.#total >= MOST_OBSERVED) this.#halve();
  }

  above(threshold: number): Prediction[] {
    const found: Prediction[] = [];
    for (const [at, key] of this.#keys.entries()) {
      const probability = (this.#counts[at] ?? 0) / this.#total;
      if (probability > threshold) found.push({ key, probability });
    }
    return found.sort((a, b) => b.probability - a.probability);
  }

  #put(at: number, key: string): void {
    this.#keys[at] = key;
    this.#counts[at] = 1;
  }

  #challenge(key: string): void {
    const least = Math.min(...this.#counts);
    const at = this.#counts.indexOf(least);
    if (least <= 1) this.#put(at, key);
    else this.#counts[at] = least - 1;
  }

  #halve(): void {
    this.#total /= 2;
    for (let at = this.#keys.length - 1; at >= 0; at--) {
      const count = (this.#counts[at] ?? 0) / 2;
      this.#counts[at] = count;
      if (count >= LEAST_COUNT) continue;
      this.#keys.splice(at, 1);
      this.#counts.splice(at, 1);
    }
  }
}
