import type { Entry } from '../entry.ts';

/** What a flight brought. */
export interface Arrival {
  readonly value: unknown;
  readonly entry: Entry | undefined;
  readonly outcome: 'hit' | 'stale' | 'load';
  readonly tier: string | undefined;
  /** Of the value, kept or not; undefined when there is no value to tell them. */
  readonly tags: readonly string[] | undefined;
  readonly error?: unknown;
}

/** One running look-up and load of a key, shared by all who ask for it meanwhile. */
export class Flight {
  readonly controller: AbortController = new AbortController();
  readonly arrival: Promise<Arrival>;
  /** What it brings knows of the invalidations up to this mark (see Stamps), of later ones not. */
  mark: number;
  #waiting = 0;

  constructor(mark: number, run: (flight: Flight) => Promise<Arrival>) {
    this.mark = mark;
    this.arrival = run(this);
    this.arrival.catch(() => {
      // Whoever waits sees the error; a flight that nobody waits for has told it as an event.
    });
  }

  /** Keeps the flight going when no caller waits. */
  hold(): void {
    this.#waiting++;
  }

  /** Waits until it arrives or `signal` aborts; aborts the load when the last one leaves, after `onDeserted`. */
  wait(signal: AbortSignal | undefined, onDeserted: () => void): Promise<Arrival> {
    this.#waiting++;
    if (signal === undefined) return this.arrival;
    return new Promise<Arrival>((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        if (--this.#waiting > 0) return;
        onDeserted();
        this.controller.abort(signal.reason);
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      const arrived = (): void => signal.removeEventListener('abort', leave);
      this.arrival.then(
        (arrival) => {
          arrived();
          resolve(arrival);
        },
        (error: unknown) => {
          arrived();
          reject(error);
        },
      );
    });
  }
}

export class Flights {
  readonly #running = new Map<string, Flight>();

  get size(): number {
    return this.#running.size;
  }

  get(key: string): Flight | undefined {
    return this.#running.get(key);
  }

  /** Starts a flight that can be joined until it lands or is dropped. */
  start(key: string, mark: number, run: (flight: Flight) => Promise<Arrival>): Flight {
    const flight = new Flight(mark, run);
    this.#running.set(key, flight);
    const landed = (): void => this.drop(key, flight);
    flight.arrival.then(landed, landed);
    return flight;
  }

  /** Nobody joins it any more; those who wait still get what it brings. */
  drop(key: string, flight: Flight | undefined = this.#running.get(key)): void {
    if (flight !== undefined && this.#running.get(key) === flight) this.#running.delete(key);
  }

  dropAll(): void {
    this.#running.clear();
  }
}
