import { HEAD, NO_ROW, Rows } from './rows.ts';

/** Followers remembered of a state: with eight instead, hits on database keys change by less than 0.05 points, and a row is half as large again. */
export const PLACES = 4;
/** When a state has been visited this often its counts are halved: what it did lately weighs more, and change shows within some thirty visits. */
export const MOST_VISITS = 64;
const MOST_COUNTED = 255;

/** Words of a state: a hash for each place, an octet for each place's count, an octet for the visits. 32 bytes with the row's head. */
const WIDTH: number = HEAD + PLACES + 2;
const COUNTS: number = 4 * (HEAD + PLACES);
const VISITS: number = COUNTS + PLACES;

/**
 * What was seen with a state, by hash, and how often: counts of the most frequent few (Misra and Gries 1982), never overestimated. A place whose
 * count is 0 is empty.
 */
export class States {
  readonly #rows: Rows;
  readonly #words: Uint32Array;
  readonly #octets: Uint8Array;

  constructor(maxBytes: number) {
    this.#rows = new Rows(maxBytes, WIDTH);
    this.#words = this.#rows.words;
    this.#octets = new Uint8Array(this.#words.buffer);
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  /** The row of `tag`, or NO_ROW. */
  find(tag: number): number {
    return this.#rows.find(tag);
  }

  obtain(tag: number): number {
    return this.#rows.obtain(tag);
  }

  /** {@link States.obtain}, when `row` is what {@link States.find} answered. */
  obtainFound(tag: number, row: number): number {
    if (row === NO_ROW) return this.#rows.obtain(tag);
    this.#rows.use(row);
    return row;
  }

  /** `place` is 0 to PLACES - 1, here and below. */
  hashAt(row: number, place: number): number {
    return this.#words[row * WIDTH + HEAD + place] as number;
  }

  countAt(row: number, place: number): number {
    return this.#octets[4 * WIDTH * row + COUNTS + place] as number;
  }

  /** How often the state was visited, halved with its counts. */
  visitsOf(row: number): number {
    return this.#octets[4 * WIDTH * row + VISITS] as number;
  }

  visit(row: number): void {
    const octets = this.#octets;
    const at = 4 * WIDTH * row + VISITS;
    const visits = (octets[at] as number) + 1;
    octets[at] = visits;
    if (visits < MOST_VISITS) return;
    for (let octet = at - PLACES; octet <= at; octet++) octets[octet] = (octets[octet] as number) >> 1;
  }

  /** When all places are taken the least frequent loses one for each newcomer, and its place when it had only that. */
  credit(row: number, hash: number): void {
    const hashes = row * WIDTH + HEAD;
    const counts = 4 * WIDTH * row + COUNTS;
    let least = 0;
    let leastCount = MOST_COUNTED;
    for (let place = 0; place < PLACES; place++) {
      const count = this.#octets[counts + place] as number;
      if (count > 0 && this.#words[hashes + place] === hash) {
        if (count < MOST_COUNTED) this.#octets[counts + place] = count + 1;
        return;
      }
      if (count >= leastCount) continue;
      least = place;
      leastCount = count;
    }
    if (leastCount <= 1) this.#words[hashes + least] = hash;
    this.#octets[counts + least] = leastCount <= 1 ? 1 : leastCount - 1;
  }
}
