import type { Clock } from '@kvasir/core';
import type { CacheStatus } from '@kvasir/core/http';
import type { Answer } from './answer.ts';
import type { Follower } from './follower.ts';

/** Without a byte for so long, a call may never end: whoever waits for its first is let go, and nobody joins any more. */
const MAX_SILENCE_MS = 120_000;

/**
 * One call to the model, and those who wait for it.
 *
 * A follower of a stream is sent what has come so far as soon as the stream's head says that it may be shared, and then each piece as it comes, at the
 * pace of its own connection: the pieces are the recorder's, held once for all, and at most `maxAnswerBytes`. A follower of
 * anything else waits for the end, since only then is it known whether the answer may be shown to anyone but its own caller.
 *
 * Whoever has been sent bytes shares the fate of the call: when it breaks off, so does every follower's connection, never with a clean end. Whoever has not
 * is let go to make a call of its own.
 */
export class Flight {
  readonly #followers = new Set<Follower>();
  readonly #chunks: Buffer[] = [];
  readonly #onDeserted: () => void;
  readonly #clock: Clock;
  #head: Answer | undefined;
  #lastByteAt: number;
  #landing: Landing | undefined;
  #stopWatching: (() => void) | undefined;

  /** `onDeserted` is called when the last follower has left before the end. */
  constructor(onDeserted: () => void, clock: Clock) {
    this.#onDeserted = onDeserted;
    this.#clock = clock;
    this.#lastByteAt = clock.now();
  }

  /** Nothing has come for two minutes. */
  get isSilent(): boolean {
    return this.#clock.now() - this.#lastByteAt >= MAX_SILENCE_MS;
  }

  get hasFollowers(): boolean {
    return this.#followers.size > 0;
  }

  join(follower: Follower): void {
    if (this.#landing !== undefined) return land(follower, this.#landing);
    this.#followers.add(follower);
    follower.onLeave(() => this.#release(follower));
    if (this.#head !== undefined) follower.begin(this.#head, this.#chunks);
    this.#stopWatching ??= this.#watch();
  }

  /** The head of a stream that followers may see while it comes; its body is ignored. */
  begin(head: Answer): void {
    this.#head = head;
    for (const follower of this.#followers) follower.begin(head, this.#chunks);
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#lastByteAt = this.#clock.now();
    if (this.#head !== undefined) for (const follower of this.#followers) follower.send();
  }

  land(landing: Landing): void {
    if (this.#landing !== undefined) return;
    this.#landing = landing;
    this.#stopWatching?.();
    for (const follower of this.#followers) land(follower, landing);
    this.#followers.clear();
  }

  #watch(): () => void {
    const silentAt = this.#lastByteAt + MAX_SILENCE_MS;
    return this.#clock.after(silentAt - this.#clock.now(), () => {
      this.#stopWatching = this.isSilent ? undefined : this.#watch();
      if (this.isSilent) this.#letGo();
    });
  }

  #letGo(): void {
    for (const follower of this.#followers) {
      if (follower.hasBegun) continue;
      this.#release(follower);
      follower.callAlone();
    }
  }

  #release(follower: Follower): void {
    if (!this.#followers.delete(follower) || this.#landing !== undefined) return;
    if (!this.hasFollowers) this.#onDeserted();
  }
}

/** How a call ended for those who waited. */
export type Landing =
  | { readonly end: 'answer'; readonly answer: Answer; readonly status: CacheStatus }
  /** Nothing to share. `whole`: the body ended as its sender meant it to, so that those who saw it come may be told that it is over. */
  | { readonly end: 'unshared'; readonly whole: boolean }
  /** There was no call after all. */
  | { readonly end: 'again' };

function land(follower: Follower, landing: Landing): void {
  if (landing.end === 'again') follower.ask();
  else if (landing.end === 'answer') follower.finish(landing.answer, landing.status);
  else if (!follower.hasBegun) follower.callAlone();
  else if (landing.whole) follower.finishStream();
  else follower.breakOff();
}
