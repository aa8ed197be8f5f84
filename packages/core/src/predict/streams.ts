import { hashKey } from '../hash.ts';
import { HEAD, Rows } from './rows.ts';

/** The last few keys of each stream, by hash. */
export class Streams {
  readonly #rows: Rows;
  readonly #seed: number;
  #latest = '';
  #latestTag = 0;

  /** `keys` of each stream are remembered. */
  constructor(maxBytes: number, keys: number, seed: number) {
    this.#rows = new Rows(maxBytes, HEAD + keys);
    this.#seed = seed;
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  /** The row of `stream`, or NO_ROW. */
  find(stream: string): number {
    return this.#rows.find(this.#tagOf(stream));
  }

  obtain(stream: string): number {
    return this.#rows.obtain(this.#tagOf(stream));
  }

  /** The key that came `back` (0: none) keys before the latest, or 0. */
  lastOf(row: number, back: number): number {
    return this.#rows.words[row * this.#rows.width + HEAD + back] as number;
  }

  push(row: number, hash: number): void {
    const { words, width } = this.#rows;
    const latest = row * width + HEAD;
    for (let at = (row + 1) * width - 1; at > latest; at--) words[at] = words[at - 1] as number;
    words[latest] = hash;
  }

  /** Requests of one stream come in a row, and each asks twice. */
  #tagOf(stream: string): number {
    if (this.#latestTag === 0 || stream !== this.#latest) {
      this.#latest = stream;
      this.#latestTag = hashKey(stream, this.#seed) || 1;
    }
    return this.#latestTag;
  }
}
