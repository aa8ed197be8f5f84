const FREE = 0;

/** From 32-bit numbers to entries below `entries` (a power of two, at most 2^15): linear probing in a table twice as large, at most half full. */
export class KeyIndex {
  readonly #hashOf: Uint32Array;
  readonly #cells: Uint16Array;
  readonly #mask: number;

  constructor(entries: number) {
    this.#hashOf = new Uint32Array(entries);
    this.#cells = new Uint16Array(2 * entries);
    this.#mask = 2 * entries - 1;
  }

  hashOf(entry: number): number {
    return this.#hashOf[entry] as number;
  }

  /** The entry of `hash`, or -1. */
  find(hash: number): number {
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const cell = this.#cells[at] as number;
      if (cell === FREE) return -1;
      if (this.#hashOf[cell - 1] === hash) return cell - 1;
    }
  }

  /** `hash` is not there yet. */
  add(hash: number, entry: number): void {
    let at = hash & this.#mask;
    while (this.#cells[at] !== FREE) at = (at + 1) & this.#mask;
    this.#hashOf[entry] = hash;
    this.#cells[at] = entry + 1;
  }

  /** Moves later ones of the same run into the gap (Knuth, volume 3, algorithm 6.4 R). */
  remove(entry: number): void {
    const mask = this.#mask;
    let gap = this.hashOf(entry) & mask;
    while (this.#cells[gap] !== entry + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const cell = this.#cells[at] as number;
      if (cell === FREE) break;
      const home = (this.#hashOf[cell - 1] as number) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      this.#cells[gap] = cell;
      gap = at;
    }
    this.#cells[gap] = FREE;
  }
}
