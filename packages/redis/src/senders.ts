import type { Frame } from './frames.ts';

/** Senders remembered at a time; with more, all are forgotten and the loss is reported. About 1 MB. */
const MAX_SENDERS = 10_000;

export type Arrival = 'next' | 'repeated' | 'after a gap';

/** Knows from each sender's numbers whether a frame was missed. */
export class Senders {
  readonly #last = new Map<string, number>();

  arrive({ from, sequence }: Frame): Arrival {
    const last = this.#last.get(from);
    if (last === sequence) return 'repeated';
    const overflows = last === undefined && this.#last.size === MAX_SENDERS;
    if (overflows) this.#last.clear();
    this.#last.set(from, sequence);
    // What a sender said before its first frame here was said before the subscription, which was a gap already.
    return overflows || (last !== undefined && sequence !== last + 1) ? 'after a gap' : 'next';
  }

  forget(): void {
    this.#last.clear();
  }
}
