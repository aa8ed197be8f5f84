import type { Clock } from '@kvasir/core';
import { BLOCK_BYTES } from './block.ts';
import type { Description } from './description.ts';
import type { Origin } from './origin/origin.ts';
import type { Span } from './range.ts';
import { Run } from './run.ts';

/** Blocks that one range request asks for at most: mostly body, and a stretch that is soon done. */
const RUN_BLOCKS = 8;
/** Stretches that are read at once for a file. One connection alone seldom fills the line to a hub. */
const MAX_RUNS = 4;

export interface SupplyOptions {
  readonly origin: Origin;
  readonly description: Description;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Already here: needs no run. */
  readonly isAtHand: (index: number) => boolean;
  readonly check: (index: number, bytes: Uint8Array) => void;
  readonly keep: (index: number, bytes: Uint8Array) => Promise<void>;
  /** A run begins with blocks `first` to `end`, not included. */
  readonly onStart: (first: number, end: number, span: Span) => void;
  /** A run ended, with the error that ended it early. */
  readonly onEnd: (error: unknown) => void;
}

/** Brings missing blocks of one version from the origin: neighbours together, a few stretches at once, none of them twice. */
export class Supply {
  readonly #options: SupplyOptions;
  /** With the promise of their end. */
  readonly #runs = new Map<Run, Promise<void>>();
  /** Undefined until the first answer says. Till then one run at a time: an origin without ranges would send everything to each. */
  #knowsRanges: boolean | undefined;
  #answered: Promise<unknown> = Promise.resolve();

  constructor(options: SupplyOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** Resolves when no run is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#runs.values());
  }

  isComing(index: number): boolean {
    return this.#runFor(index) !== undefined;
  }

  /** Block `index` from a run that is under way, or from one that begins for it and its missing neighbours up to `until`. */
  async block(index: number, until: number): Promise<Uint8Array> {
    while (this.#knowsRanges === undefined && this.isBusy && !this.isComing(index)) await this.#answered;
    const run = this.#runFor(index) ?? this.#start(index, this.#endOfStretch(index, until));
    this.reachAhead(index, until);
    return await run.block(index);
  }

  /** Begins runs for what a reader at `index`, who wants all up to `until`, will soon need. */
  reachAhead(index: number, until: number): void {
    if (this.#knowsRanges !== true) return;
    const here = Math.floor(index / RUN_BLOCKS);
    for (let stretch = here; stretch < here + MAX_RUNS; stretch++) {
      let first = Math.max(index, stretch * RUN_BLOCKS);
      const end = Math.min((stretch + 1) * RUN_BLOCKS, until + 1);
      while (first < end && this.#isCared(first)) first++;
      if (first < end && this.#runs.size < MAX_RUNS) this.#start(first, this.#endOfStretch(first, until));
    }
  }

  #endOfStretch(first: number, until: number): number {
    const limit = Math.min((Math.floor(first / RUN_BLOCKS) + 1) * RUN_BLOCKS, until + 1);
    let end = first + 1;
    while (end < limit && !this.#isCared(end)) end++;
    return end;
  }

  #isCared(index: number): boolean {
    return this.#options.isAtHand(index) || this.isComing(index);
  }

  #runFor(index: number): Run | undefined {
    for (const run of this.#runs.keys()) if (run.covers(index)) return run;
    return undefined;
  }

  #start(first: number, end: number): Run {
    const { description, onStart, onEnd } = this.#options;
    let onAnswer: (knowsRanges: boolean) => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      onAnswer = (knowsRanges) => {
        this.#knowsRanges = knowsRanges;
        resolve();
      };
    });
    const run = new Run({ ...this.#options, onAnswer }, first, end);
    const ended = run.pull().then((error) => {
      this.#runs.delete(run);
      onEnd(error);
    });
    this.#runs.set(run, ended);
    this.#answered = Promise.race([answered, ended]);
    onStart(first, end, { start: first * BLOCK_BYTES, end: Math.min(end * BLOCK_BYTES, description.size) });
    return run;
  }
}
