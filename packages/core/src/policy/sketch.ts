/*
 * A count-min sketch of 4-bit counters that forgets.
 *
 * Problem: to compare how often keys are asked for, also keys that are not kept, without remembering keys, and so that last hour's favourite
 * does not stay one.
 * Idea: four rows of saturating 4-bit counters; a key has one counter in each row and is estimated by the least of them, which collisions can
 * raise but never lower. After a window of increments every counter is halved, so what is old weighs half each time. The window total is halved
 * with them, less the odd bits that the counters lost, so that estimate / total stays a probability. Each row has its own opinion of what was
 * lost: keys that share a counter mostly hide each other's odd bits, at times invent one. The third of four is believed, and full counters,
 * whose last bit says nothing, are left out.
 * A cell holds one counter of each row in 16 bits. Doubling the width is a copy of the table behind itself: an index in the wider table is the
 * old one or the old one plus the old width.
 * Cost: 2 bytes a cell; four reads to estimate, four reads and at most four writes to count; halving is one pass over the table a window,
 * amortised less than one cell a request.
 * Does not: estimate above 15, or survive a hash that is not well mixed.
 * Papers: Cormode and Muthukrishnan 2005 (count-min); Einziger, Friedman and Manes 2017, TinyLFU, sections 3.2 and 3.3 (reset, small counters).
 */

export const MOST_COUNTED = 15;

/** Narrower sketches cost small caches 2 to 3 points of hit ratio: too many keys share counters. */
const LEAST_WIDTH = 256;
const WIDEST = 2 ** 24;

export class FrequencySketch {
  #cells: Uint16Array;
  #mask: number;
  #window: number;
  #total = 0;

  /** `width` counters a row, rounded up to a power of two from 256 to 2^24; the window is full when `window` increments are counted. */
  constructor(width: number, window: number) {
    this.#cells = new Uint16Array(widthFor(width));
    this.#mask = this.#cells.length - 1;
    this.#window = window;
  }

  /** Increments in the window, halved with the counters; at least the sum of what distinct keys have been counted. */
  get total(): number {
    return this.#total;
  }

  /** 0 to 15: at least what was counted since it last faded, unless that is more. */
  estimate(hash: number): number {
    const cells = this.#cells;
    const mask = this.#mask;
    const step = stepOf(hash);
    const first = (cells[hash & mask] as number) & 15;
    const second = ((cells[(hash + step) & mask] as number) >>> 4) & 15;
    const third = ((cells[(hash + 2 * step) & mask] as number) >>> 8) & 15;
    const fourth = (cells[(hash + 3 * step) & mask] as number) >>> 12;
    return Math.min(first, second, third, fourth);
  }

  /** Counts one request. True when the window is full: time to `halve`. */
  increment(hash: number): boolean {
    const step = stepOf(hash);
    this.#raise(hash & this.#mask, 0);
    this.#raise((hash + step) & this.#mask, 4);
    this.#raise((hash + 2 * step) & this.#mask, 8);
    this.#raise((hash + 3 * step) & this.#mask, 12);
    return ++this.#total >= this.#window;
  }

  /** Makes room for a larger population; what was counted stays. Never shrinks. */
  widen(width: number, window: number): void {
    this.#window = Math.max(this.#window, window);
    const wanted = widthFor(width);
    while (this.#cells.length < wanted) {
      const cells = new Uint16Array(this.#cells.length * 2);
      cells.set(this.#cells);
      cells.set(this.#cells, this.#cells.length);
      this.#cells = cells;
    }
    this.#mask = this.#cells.length - 1;
  }

  /** Forgets half of everything. */
  halve(): void {
    const pairs = new Uint32Array(this.#cells.buffer);
    const lost = [0, 0, 0, 0];
    for (let at = 0; at < pairs.length; at++) {
      const pair = pairs[at] as number;
      if (pair === 0) continue;
      const full = pair & (pair >>> 1) & (pair >>> 2) & (pair >>> 3);
      const odd = pair & ~full & 0x11111111;
      for (let row = 0; odd !== 0 && row < 4; row++)
        lost[row] = (lost[row] as number) + ((odd >>> (4 * row)) & 1) + ((odd >>> (4 * row + 16)) & 1);
      pairs[at] = (pair >>> 1) & 0x77777777;
    }
    const [, , third = 0] = lost.sort((a, b) => a - b);
    this.#total = (this.#total - third) / 2;
  }

  #raise(at: number, shift: number): void {
    const cell = this.#cells[at] as number;
    if (((cell >>> shift) & 15) < MOST_COUNTED) this.#cells[at] = cell + (1 << shift);
  }
}

function widthFor(width: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(WIDEST, Math.max(LEAST_WIDTH, width))));
}

/** Odd, so that a key's four counters differ; from the upper bits, so that keys that share one counter seldom share the next. */
function stepOf(hash: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 7) | 1;
}
