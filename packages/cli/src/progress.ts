import type { WriteStream } from 'node:tty';

const WIDTH = 30;
/** Often enough to move, seldom enough to cost nothing. */
const EVERY_MS = 100;

/** A bar on a terminal; on anything else nothing. */
export class Progress {
  readonly #out: WriteStream;
  readonly #total: number;
  #shownAt = -Infinity;

  /** `total`: what `show` counts up to. */
  constructor(out: WriteStream, total: number) {
    this.#out = out;
    this.#total = Math.max(1, total);
  }

  show(done: number, label: string): void {
    const now = performance.now();
    if (!this.#out.isTTY || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    const part = Math.min(1, done / this.#total);
    const full = Math.round(part * WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    this.#out.write(`\r${bar} ${String(Math.round(part * 100)).padStart(3)} %  ${label}\x1b[K`);
  }

  clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}
