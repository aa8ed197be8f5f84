/** A measured share of what came true, the older the fainter: above `memory` both counts are halved. */
export class Measured {
  readonly #right: Float64Array;
  readonly #seen: Float64Array;
  readonly #memory: number;

  /** Begins in each class with the share `prior` gives it, as if it had been seen `weight` times. */
  constructor(classes: number, memory: number, weight: number, prior: (index: number) => number) {
    this.#memory = memory;
    this.#seen = new Float64Array(classes).fill(weight);
    this.#right = Float64Array.from({ length: classes }, (_, index) => weight * prior(index));
  }

  share(index: number): number {
    return (this.#right[index] as number) / (this.#seen[index] as number);
  }

  add(index: number, isRight: boolean): void {
    const seen = (this.#seen[index] as number) + 1;
    const right = (this.#right[index] as number) + (isRight ? 1 : 0);
    const part = seen > this.#memory ? 0.5 : 1;
    this.#seen[index] = seen * part;
    this.#right[index] = right * part;
  }
}
