import { HEAD, NO_ROW, Rows } from './rows.ts';

/** Of a pointer in an array of objects. */
const POINTER_BYTES = 8;
/** V8's header of a string and its padding; a character is counted as two bytes, the worst case. */
const STRING_BYTES = 24;
/** The part of the room that the table takes. The text has the rest: 48 bytes a row, a dozen characters; with longer keys rows stay empty. */
const ROWS_PART = 1 / 4;
const BYTES_A_ROW = 4 * HEAD + POINTER_BYTES;
/** Rows looked at for the one to forget, when the text has outgrown its room: more would make it no better by much (Redis samples five). */
const SAMPLED = 8;

/** The keys behind their hashes, so that what is predicted can be fetched. Forgets those not seen for long. */
export class KeyTable {
  readonly #rows: Rows;
  readonly #keys: (string | undefined)[];
  readonly #maxText: number;
  #text = 0;
  #hand = 0;

  constructor(maxBytes: number) {
    this.#rows = new Rows(((maxBytes * ROWS_PART) / BYTES_A_ROW) * 4 * HEAD, HEAD);
    this.#keys = new Array<string | undefined>(this.#rows.length).fill(undefined);
    this.#maxText = maxBytes - this.#tableBytes;
  }

  get bytes(): number {
    return this.#tableBytes + this.#text;
  }

  find(hash: number): string | undefined {
    const row = this.#rows.find(hash);
    return row === NO_ROW ? undefined : this.#keys[row];
  }

  /** Two keys of one hash are the same to it: the first stays until it is forgotten. */
  keep(hash: number, key: string): void {
    const row = this.#rows.obtain(hash);
    if (!this.#rows.isNew) return;
    const former = this.#keys[row];
    if (former !== undefined) this.#text -= bytesOf(former);
    this.#keys[row] = key;
    this.#text += bytesOf(key);
    while (this.#text > this.#maxText) this.#forget();
  }

  get #tableBytes(): number {
    return this.#rows.length * BYTES_A_ROW;
  }

  /** The oldest of the next few, or none when they are empty. */
  #forget(): void {
    let oldest = NO_ROW;
    for (let look = 0; look < SAMPLED; look++) {
      this.#hand = (this.#hand + 1) % this.#rows.length;
      if (!this.#rows.isTaken(this.#hand)) continue;
      if (oldest === NO_ROW || this.#rows.ageOf(this.#hand) > this.#rows.ageOf(oldest)) oldest = this.#hand;
    }
    if (oldest === NO_ROW) return;
    this.#text -= bytesOf(this.#keys[oldest] ?? '');
    this.#keys[oldest] = undefined;
    this.#rows.drop(oldest);
  }
}

function bytesOf(key: string): number {
  return STRING_BYTES + 2 * key.length;
}
