/*
 * A count-min sketch of 4-bit counters that forgets.
 *
 * Problem: to compare how often keys are asked for, also keys that are not kept, without remembering keys, and so that last hour's favourite
 * does not stay one.
 * Idea: four rows of saturating 4-bit counters; a key has one counter in each row and is estimated by the least of them, which collisions can
 * raise but never lower. After a window of increments every counter is halved, so what is old weighs half each time. The window total is halved
 * with them, less the odd bits that the counters lost, so that estimate / total stays a probability and these sum to at most 1 (but for
 * collisions). A counter keeps its four rows' nibbles in one 16-bit cell, so that doubling the width is a copy of the table behind itself: an
 * index in the wider table is the old one or the old one plus the old width.
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

  /** `width` counters a row, rounded up to a power of two from 256 to 2^24; halves when `window` increments are counted. */
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

  /** Counts one request. True when this filled the window and everything was halved. */
  increment(hash: number): boolean {
    const step = stepOf(hash);
    this.#raise(hash & this.#mask, 0);
    this.#raise((hash + step) & this.#mask, 4);
    this.#raise((hash + 2 * step) & this.#mask, 8);
    this.#raise((hash + 3 * step) & this.#mask, 12);
    if (++this.#total < this.#window) return false;
    this.#halve();
    return true;
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

  #raise(at: number, shift: number): void {
    const cell = this.#cells[at] as number;
    if (((cell >>> shift) & 15) < MOST_COUNTED) this.#cells[at] = cell + (1 << shift);
  }

  #halve(): void {
    const pairs = new Uint32Array(this.#cells.buffer);
    let odd = 0;
    for (let at = 0; at < pairs.length; at++) {
      const pair = pairs[at] as number;
      if (pair === 0) continue;
      odd += Math.imul(pair & 0x11111111, 0x11111111) >>> 28;
      pairs[at] = (pair >>> 1) & 0x77777777;
    }
    this.#total = Math.max(0, (this.#total - odd / 4) / 2);
  }
}

function widthFor(width: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(WIDEST, Math.max(LEAST_WIDTH, width))));
}

/** Odd, so that a key's four counters differ; from the upper bits, so that keys that share one counter seldom share the next. */
function stepOf(hash: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 7) | 1;
}
