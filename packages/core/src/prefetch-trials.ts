import type { Judged } from './prefetch-gate.ts';

/** What became of the guess so far. `given-up`: it was fetched, and its load failed. */
export type TrialState = 'guessed' | 'waiting' | 'started' | 'loading' | 'loaded' | 'given-up';

/** A guess whose key was not there, until its key is asked for or time is up. */
export interface Trial extends Judged {
  readonly key: string;
  readonly step: number;
  readonly madeAt: number;
  /** Whether it was good enough where there is something to gain, and not pushed out since. */
  isGood: boolean;
  state: TrialState;
  startedAt: number;
  /** Bytes of the value, once it is there and if anybody counts. */
  bytes: number;
}

/** Requests until a guess that did not come true is settled: many times the depth, as other streams come between. */
const LASTS = 1_024;
/** Trials at once. The oldest is settled for the newest. */
const MOST = 2_048;

/** Trials by key, in a ring in the order in which they were made. */
export class Trials {
  readonly #byKey = new Map<string, Trial>();
  readonly #ring = new Array<Trial | undefined>(MOST).fill(undefined);
  readonly #until = new Float64Array(MOST);
  #first = 0;
  #next = 0;

  get(key: string): Trial | undefined {
    return this.#byKey.get(key);
  }

  add(trial: Trial, request: number): void {
    this.#byKey.set(trial.key, trial);
    this.#ring[this.#next % MOST] = trial;
    this.#until[this.#next % MOST] = request + LASTS;
    this.#next++;
  }

  /** Its key was asked for. */
  take(key: string): Trial | undefined {
    const trial = this.#byKey.get(key);
    if (trial !== undefined) this.#byKey.delete(key);
    return trial;
  }

  /** The next trial whose time is up at this request, if any; ask until there is none. */
  takeOverdue(request: number): Trial | undefined {
    while (this.#first < this.#next) {
      const at = this.#first % MOST;
      if ((this.#until[at] as number) > request && this.#next - this.#first < MOST) return undefined;
      const trial = this.#ring[at];
      this.#ring[at] = undefined;
      this.#first++;
      if (trial === undefined || this.#byKey.get(trial.key) !== trial) continue;
      this.#byKey.delete(trial.key);
      return trial;
    }
    return undefined;
  }
}
