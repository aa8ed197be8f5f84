import { randomBytes } from 'node:crypto';
import type { Bus, Invalidation } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { KvasirError } from '../errors.ts';
import { withDeadline } from '../tier/deadline.ts';
import type { Reporter } from './reporter.ts';

type Announcement =
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly stamps: Readonly<Record<string, string>> }
  | { readonly kind: 'clear' };

/** What to do when another process says so. */
export interface Hearing {
  deleted(keys: readonly string[]): void;
  invalidated(tags: readonly string[]): void;
  cleared(): void;
  /** Anything may have been said and not heard. */
  missed(): void;
}

/** The other processes on the bus. A bus that fails is an `error` event. */
export class Peers {
  readonly #bus: Bus | undefined;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #reporter: Reporter;
  readonly #hearing: Hearing;
  readonly #id = randomBytes(9).toString('base64url');
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;

  constructor(bus: Bus | undefined, clock: Clock, deadlineMs: number, reporter: Reporter, hearing: Hearing) {
    this.#bus = bus;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#reporter = reporter;
    this.#hearing = hearing;
    if (bus !== undefined) void this.#subscribe(bus);
  }

  /** Never rejects, and waits no longer than for a remote tier. */
  async announce(message: Announcement): Promise<void> {
    if (this.#bus === undefined) return;
    try {
      await withDeadline(this.#bus.publish({ sender: this.#id, ...message }), this.#deadlineMs, this.#clock, () => {
        return new KvasirError('BUS_FAILED', `bus: not published within ${this.#deadlineMs} ms`);
      });
    } catch (error) {
      this.#reporter.failed('BUS_FAILED', error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe?.();
    await this.#bus?.close();
  }

  async #subscribe(bus: Bus): Promise<void> {
    try {
      const unsubscribe = await bus.subscribe(
        (message) => this.#hear(message),
        () => this.#isClosed || this.#hearing.missed(),
      );
      if (this.#isClosed) unsubscribe();
      else this.#unsubscribe = unsubscribe;
    } catch (error) {
      this.#reporter.failed('BUS_FAILED', error);
    }
  }

  #hear(message: Invalidation): void {
    if (this.#isClosed) return;
    try {
      if (message.sender === this.#id) return;
      if (message.kind === 'delete') this.#hearing.deleted(message.keys);
      else if (message.kind === 'tags') this.#hearing.invalidated(Object.keys(message.stamps));
      else if (message.kind === 'clear') this.#hearing.cleared();
      else throw new KvasirError('BUS_FAILED', 'bus: a message of an unknown kind');
    } catch (error) {
      // Who cannot read a message has missed it.
      this.#reporter.failed('BUS_FAILED', error);
      this.#hearing.missed();
    }
  }
}
