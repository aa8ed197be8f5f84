/*
 * A table of numbered rows that never grows: what does not fit takes the place of what was used longest ago.
 *
 * Problem: a predictor learns from every request, so its memory must be bounded without lists to maintain, tables to rehash, or garbage.
 * Idea: as in a processor's cache, a 32-bit tag may stand in any of the four rows of its bucket and nowhere else. A newcomer takes an empty row
 * of the bucket, or the one that was obtained longest ago. What a row holds lies beside its tag, so that a request costs a miss or two of the
 * processor's cache and not one a column. Zeroed pages that nobody has written to cost no memory, so a large table for few keys is cheap.
 * Cost: O(1), no allocation; two words a row beside what the owner keeps in it.
 * Does not: tell two tags apart that are equal; of n keys with random tags one in 2^32 / n is taken for another. Nor evict exactly the oldest.
 * Papers: Hill and Smith 1989, Evaluating associativity in CPU caches (four ways lose a few per cent against full associativity).
 */

export const NO_ROW = -1;

const WAYS = 4;
/** Words of a row that are taken: its tag (0: empty), and when it was obtained last. */
export const HEAD = 2;
const USED_AT = 1;

export class Rows {
  readonly length: number;
  /** Words of a row; those of row r begin at `r * width`, the owner's at HEAD. */
  readonly width: number;
  readonly words: Uint32Array;
  readonly #bucketsPerTag: number;
  #now = 0;
  /** Whether the row that was obtained last was empty or another's; its words are 0 then. */
  isNew = false;

  /** As many rows of `width` words as `maxBytes` hold, a multiple of four; at least four. */
  constructor(maxBytes: number, width: number) {
    const buckets = Math.max(1, Math.floor(maxBytes / (4 * width * WAYS)));
    this.length = buckets * WAYS;
    this.width = width;
    this.words = new Uint32Array(this.length * width);
    this.#bucketsPerTag = buckets / 2 ** 32;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  /** The row of `tag` (32 bits, not 0), or NO_ROW. */
  find(tag: number): number {
    const { words, width } = this;
    const first = this.#firstOf(tag);
    let at = first * width;
    if (words[at] === tag) return first;
    at += width;
    if (words[at] === tag) return first + 1;
    at += width;
    if (words[at] === tag) return first + 2;
    at += width;
    return words[at] === tag ? first + 3 : NO_ROW;
  }

  /** The row of `tag`, now the last used of its bucket; taken for it if there is none. */
  obtain(tag: number): number {
    const known = this.find(tag);
    this.isNew = known === NO_ROW;
    const row = this.isNew ? this.#oldestOf(this.#firstOf(tag)) : known;
    if (this.isNew) this.#clear(row, tag);
    this.use(row);
    return row;
  }

  /** The row is the last used of its bucket now. */
  use(row: number): void {
    this.#now = (this.#now + 1) >>> 0;
    this.words[row * this.width + USED_AT] = this.#now;
  }

  isTaken(row: number): boolean {
    return this.words[row * this.width] !== 0;
  }

  /** How many times any row was used since this one was. */
  ageOf(row: number): number {
    return (this.#now - (this.words[row * this.width + USED_AT] as number)) >>> 0;
  }

  drop(row: number): void {
    this.words[row * this.width] = 0;
  }

  #firstOf(tag: number): number {
    return Math.floor(tag * this.#bucketsPerTag) * WAYS;
  }

  #oldestOf(first: number): number {
    let oldest = first;
    for (let row = first; row < first + WAYS; row++) {
      if (!this.isTaken(row)) return row;
      if (this.ageOf(row) > this.ageOf(oldest)) oldest = row;
    }
    return oldest;
  }

  #clear(row: number, tag: number): void {
    const at = row * this.width;
    this.words[at] = tag;
    for (let word = at + HEAD; word < at + this.width; word++) this.words[word] = 0;
  }
}
