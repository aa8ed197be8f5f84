import type { ServerResponse } from 'node:http';
import { type CacheStatus, formatCacheStatus, replay, setCacheStatus } from '@kvasir/core/http';
import type { Answer } from './answer.ts';

/** What a follower does when it gets nothing of the call that it waited for. */
export interface Fallback {
  /** Makes a call of its own, shared with nobody. */
  callAlone(): void;
  /** Asks as if it had just come. */
  ask(): void;
}

/** One client that waits for a call which another began. */
export class Follower {
  readonly #res: ServerResponse;
  readonly #fallback: Fallback;
  #chunks: readonly Buffer[] = [];
  #sent = 0;
  #isBlocked = false;
  #isLast = false;
  hasBegun = false;

  constructor(res: ServerResponse, fallback: Fallback) {
    this.#res = res;
    this.#fallback = fallback;
  }

  onLeave(run: () => void): void {
    if (this.#res.destroyed) run();
    else this.#res.once('close', run);
  }

  /** Sends `head` and what there is of the body, and goes on with each `send`. */
  begin(head: Answer, chunks: readonly Buffer[]): void {
    const res = this.#res;
    if (res.destroyed || res.headersSent) return;
    this.hasBegun = true;
    this.#chunks = chunks;
    res.statusCode = head.status;
    res.statusMessage = head.statusMessage;
    for (let at = 0; at < head.fields.length; at += 2) res.removeHeader(head.fields[at] ?? '');
    for (let at = 0; at < head.fields.length; at += 2) {
      const name = head.fields[at] ?? '';
      // How long it will be is not known yet.
      if (name.toLowerCase() !== 'content-length') res.appendHeader(name, head.fields[at + 1] ?? '');
    }
    setCacheStatus(res, { fwd: 'miss', collapsed: true });
    res.flushHeaders();
    res.on('drain', () => {
      this.#isBlocked = false;
      this.send();
    });
    this.send();
  }

  /** Sends what has come since, as far as the connection takes it. */
  send(): void {
    const res = this.#res;
    while (!this.#isBlocked && this.#sent < this.#chunks.length) {
      const chunk = this.#chunks[this.#sent++];
      if (chunk !== undefined && !res.write(chunk)) this.#isBlocked = true;
    }
    if (this.#isLast && this.#sent === this.#chunks.length) res.end();
  }

  finish(answer: Answer, status: CacheStatus): void {
    if (this.hasBegun) this.finishStream();
    else sendAnswer(this.#res, answer, status);
  }

  /** Nothing more will come: ends the response once everything is on its way. */
  finishStream(): void {
    this.#isLast = true;
    this.send();
  }

  /** Not with a clean end, which a client would take for a complete answer. */
  breakOff(): void {
    this.#res.destroy();
  }

  callAlone(): void {
    if (!this.#res.destroyed) this.#fallback.callAlone();
  }

  ask(): void {
    if (!this.#res.destroyed) this.#fallback.ask();
  }
}

/** Answers with all of it at once, unless somebody else has answered meanwhile. */
export function sendAnswer(res: ServerResponse, answer: Answer, status: CacheStatus): void {
  if (res.destroyed || res.headersSent) return;
  replay(res, answer, ['Cache-Status', formatCacheStatus(status)]);
}
