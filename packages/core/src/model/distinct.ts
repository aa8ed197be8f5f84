/*
 * How many different keys have come, and what they weigh together.
 *
 * Problem: count distinct keys among any number of requests without remembering them.
 * Idea: hashes are dealt to 16,384 registers, each keeps the longest run of leading zeros that it has seen. A key that came before changes nothing.
 * One that is new changes its register with a probability that is known: the mean of 2^-run over the registers. So each change stands for as
 * many new keys as one divided by that, and their weight is estimated by the same sum with weights.
 * Cost: 16 KB; one read a key, and a write and a division when a register changes, which is ever rarer.
 * Does not: forget, or count beyond some hundred million keys, where 32-bit hashes begin to collide.
 * Papers: Flajolet, Fusy, Gandouet and Meunier 2007, HyperLogLog (registers); Ting 2014, "Streamed approximate counting of distinct elements", and
 * Cohen 2015, "All-distances sketches, revisited: HIP estimators" (the sum, and that it is the best there is for one stream).
 */

const REGISTERS = 2 ** 14;

export class DistinctCounter {
  readonly #longest = new Uint8Array(REGISTERS);
  /** Of 2^-run over all registers. */
  #sum = REGISTERS;
  #count = 0;
  #weight = 0;

  /** Different keys, within 0.7 % (one standard deviation). */
  get count(): number {
    return this.#count;
  }

  /** What they weigh together, as they weighed when they first came. */
  get weight(): number {
    return this.#weight;
  }

  /** `hash`: 32 bits, well mixed. */
  add(hash: number, weight: number): void {
    const register = hash & (REGISTERS - 1);
    const run = Math.clz32((hash & -REGISTERS) | (REGISTERS >>> 1)) + 1;
    const before = this.#longest[register] as number;
    if (run <= before) return;
    const standsFor = REGISTERS / this.#sum;
    this.#count += standsFor;
    this.#weight += standsFor * weight;
    this.#longest[register] = run;
    this.#sum += 2 ** -run - 2 ** -before;
  }
}
