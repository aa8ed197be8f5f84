import { type Clock, KvasirError } from '@kvasir/core';
import { BLOCK_BYTES, countBlocks, cutBlocks } from './block.ts';
import type { Description } from './description.ts';
import { faultOf, originFailed } from './fault.ts';
import type { Origin } from './origin/origin.ts';

/** A wait that an origin asks for is granted up to this; a longer one fails the run. */
const MAX_WAIT_MS = 5_000;
/** Attempts in a row that bring no block that was not there before. */
const MAX_IDLE_ATTEMPTS = 2;

export interface RunOptions {
  readonly origin: Origin;
  readonly description: Description;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Throws when a block cannot be the right one: nobody gets it then. */
  readonly check: (index: number, bytes: Uint8Array) => void;
  /** Keeps a block; the next one is read when it is done. A rejection ends the run. */
  readonly keep: (index: number, bytes: Uint8Array) => Promise<void>;
  /** The first answer came: whether the origin knows ranges. */
  readonly onAnswer: (knowsRanges: boolean) => void;
}

interface Waiter {
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One range request for neighbouring blocks, shared by all who wait for any of them. A body that breaks off is taken up again where it broke,
 * as long as each attempt gets further than all before. Memory: one block, whatever the length.
 */
export class Run {
  readonly #options: RunOptions;
  readonly #waiters = new Map<number, Waiter>();
  #next: number;
  #end: number;
  #current: readonly [index: number, bytes: Uint8Array] | undefined;
  #failure: unknown;

  constructor(options: RunOptions, first: number, end: number) {
    this.#options = options;
    this.#next = first;
    this.#end = end;
  }

  /** Whether {@link block} will give this one: it is on its way, or came and is not kept yet. */
  covers(index: number): boolean {
    return this.#failure === undefined && index >= this.#next && index < this.#end;
  }

  block(index: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#current?.[0] === index) return Promise.resolve(this.#current[1]);
    const waiting = this.#waiters.get(index);
    if (waiting !== undefined) return waiting.promise;
    const waiter = defer();
    this.#waiters.set(index, waiter);
    return waiter.promise;
  }

  /** Resolves at the end, with the error of a run that failed: its waiters have it too. */
  async pull(): Promise<unknown> {
    const { name } = this.#options.description;
    try {
      let idle = 0;
      let reached = this.#next;
      while (this.#next < this.#end) {
        const failure = await this.#attempt().then(
          () => undefined,
          (error: unknown) => ({ error }),
        );
        // An origin without ranges begins anew each time: only what is further on counts.
        idle = this.#next > reached ? 0 : idle + 1;
        reached = Math.max(reached, this.#next);
        if (failure !== undefined) await this.#recover(failure.error, idle);
        else if (idle > 0) throw originFailed(name, 'the origin gives less than a block a range', { kind: 'broken' });
      }
      this.#fail(originFailed(name, 'the transfer is over', { kind: 'transient' }));
      return undefined;
    } catch (error) {
      const known =
        error instanceof KvasirError
          ? error
          : originFailed(name, 'cannot be read', { kind: 'transient', reason: error });
      this.#fail(known);
      return known;
    }
  }

  async #attempt(): Promise<void> {
    const { origin, description, signal } = this.#options;
    const { name, size } = description;
    const span = { start: this.#next * BLOCK_BYTES, end: Math.min(this.#end * BLOCK_BYTES, size) };
    const part = await origin.fetch(description, span, signal);
    if (part.isWhole) {
      this.#next = 0;
      this.#end = countBlocks(size);
    }
    this.#options.onAnswer(!part.isWhole);
    const body = bounded(part.body, part.span.end - part.span.start, name);
    for await (const [index, bytes] of cutBlocks(body, this.#next, size)) await this.#take(index, bytes);
  }

  async #take(index: number, bytes: Uint8Array): Promise<void> {
    this.#options.check(index, bytes);
    this.#current = [index, bytes];
    const waiter = this.#waiters.get(index);
    this.#waiters.delete(index);
    waiter?.resolve(bytes);
    await this.#options.keep(index, bytes);
    this.#next = index + 1;
    this.#current = undefined;
  }

  /** Returns when another attempt is worth it, else throws `error`. */
  async #recover(error: unknown, idle: number): Promise<void> {
    const fault = faultOf(error);
    const wait = fault?.retryAfterMs ?? 0;
    const { signal, clock } = this.#options;
    if (fault?.kind !== 'transient' || signal.aborted || idle >= MAX_IDLE_ATTEMPTS || wait > MAX_WAIT_MS) throw error;
    if (wait > 0) await pause(clock, wait, signal);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#failure);
    this.#waiters.clear();
  }
}

/** Passes `body` on, and throws when it is shorter or longer than `length` bytes. */
async function* bounded(body: AsyncIterable<Uint8Array>, length: number, name: string): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    if (received > length) throw originFailed(name, 'the origin sent more than it said', { kind: 'broken' });
    yield chunk;
  }
  if (received < length) throw originFailed(name, 'the origin ended early', { kind: 'transient' });
}

/** Resolves after `ms`, or when `signal` aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
}

function defer(): Waiter {
  let resolve: Waiter['resolve'] = () => undefined;
  let reject: Waiter['reject'] = () => undefined;
  const promise = new Promise<Uint8Array>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
