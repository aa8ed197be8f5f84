import type { Clock } from '../clock.ts';

/** Consecutive failures that open it: one lost packet should not, a dead server should before ten requests have waited. */
const FAILURES = 3;
/** From closed again to in use again at most this long: below the half second in which a restarted server should be back in use. */
const PROBE_EVERY_MS = 250;

/** Keeps requests away from a tier that fails. While it is open only its own probe talks to the tier, never a user's request. */
export class Breaker {
  readonly #clock: Clock;
  readonly #probe: () => Promise<void>;
  readonly #onChange: (state: 'open' | 'closed') => void;
  #failures = 0;
  #isOpen = false;
  #isClosed = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, probe: () => Promise<void>, onChange: (state: 'open' | 'closed') => void) {
    this.#clock = clock;
    this.#probe = probe;
    this.#onChange = onChange;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    if (this.#isOpen || ++this.#failures < FAILURES) return;
    this.#isOpen = true;
    this.#onChange('open');
    this.#schedule();
  }

  /** No more probes. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#clock.after(PROBE_EVERY_MS, () => {
      this.#probe().then(
        () => {
          if (this.#isClosed) return;
          this.#isOpen = false;
          this.#failures = 0;
          this.#onChange('closed');
        },
        () => this.#schedule(),
      );
    });
  }
}
