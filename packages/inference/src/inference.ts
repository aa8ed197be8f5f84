import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Codec, Entry, Namespace, WriteOptions } from '@kvasir/core';
import { type CacheStatus, controlOf, countPasses, setCacheStatus } from '@kvasir/core/http';
import { type Answer, answerCodec } from './answer.ts';
import { callModel, type Exchange } from './call.ts';
import { Flight } from './flight.ts';
import { Follower, sendAnswer } from './follower.ts';
import { holdClient } from './hold-client.ts';
import { type InferenceOptions, readOptions, type Settings, type TenantRequest } from './options.ts';
import { readBody } from './request-body.ts';
import { keyOf } from './request-key.ts';
import { bypassOfBody, bypassOfHead, wantsNewAnswer } from './request-rules.ts';

/** Express middleware, 4.18 and newer. */
export type InferenceHandler = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

const countPass = countPasses();

/**
 * Answers POST requests with a JSON body from cache, where the same tenant has asked the same before; else lets the handler behind it answer, and
 * keeps what may be kept. Other requests pass untouched. Throws INVALID_OPTION.
 */
export function inference(options: InferenceOptions = {}): InferenceHandler {
  const desk = new Desk(readOptions(options));
  return (req, res, next) => {
    controlOf(req);
    if (req.method !== 'POST') return next();
    let isPassed = false;
    const pass = (): void => {
      isPassed = true;
      next();
    };
    desk.receive(req as TenantRequest, res, pass).catch(() => {
      // What goes wrong on the way to the handler is no reason not to get there; the handler's own errors go their own way.
      if (isPassed) giveUp(res);
      else pass();
    });
  };
}

/** Takes in requests and has each answered: from cache, by the handler, or along with another request. */
class Desk {
  readonly #settings: Settings;
  readonly #answers: Namespace<Answer | undefined>;
  readonly #flights = new Map<string, Flight>();

  constructor(settings: Settings) {
    this.#settings = settings;
    // A handler is reached through its request only, so that nothing can be refreshed behind a hit.
    this.#answers = settings.cache.namespace('inference', {
      codec: answerCodec as Codec<Answer | undefined>,
      grace: 0,
      refreshBehind: false,
    });
  }

  async receive(req: TenantRequest, res: ServerResponse, next: () => void): Promise<void> {
    const { maxRequestBytes, sampled } = this.#settings;
    const control = controlOf(req);
    const pass = (detail: string): void => {
      setCacheStatus(res, { fwd: 'bypass', detail });
      next();
    };
    const bypass = control.skipped ? 'skip' : bypassOfHead(req);
    if (bypass !== undefined) return pass(bypass);
    const reading = await readBody(req, maxRequestBytes);
    if (reading.state === 'gone') return;
    // Else what the handler leaves unread would be kept with the connection, or never be let in.
    res.once('finish', () => req.resume());
    if (reading.state === 'unusable') return pass(reading.detail);
    const [path = ''] = (req.originalUrl ?? '').split('?', 1);
    const stateful = bypassOfBody(reading.value, path, sampled);
    if (stateful !== undefined) return pass(stateful);
    const tenant = this.#tenantOf(req);
    if (tenant === false) return pass('tenant');
    const key = keyOf(req, reading.body, { ...this.#settings, tenant });
    if (key === undefined) return pass('malformed');
    const passes = countPass(req);
    const exchange = { req, res, next, control, key: passes === 0 ? key : `${key} behind ${passes}` };
    if (wantsNewAnswer(req)) await this.#callAlone(exchange, 'request');
    else await this.#ask(exchange);
  }

  async #ask(exchange: Exchange): Promise<void> {
    const running = this.#flights.get(exchange.key);
    if (running === undefined) return this.#lead(exchange);
    if (running.isSilent) return this.#passBy(exchange);
    const follower = new Follower(exchange.res, {
      callAlone: () => void this.#callAlone(exchange, 'miss').catch(() => giveUp(exchange.res)),
      ask: () => void this.#ask(exchange).catch(() => giveUp(exchange.res)),
    });
    running.join(follower);
  }

  /** Past a call that may never end. */
  async #passBy(exchange: Exchange): Promise<void> {
    const kept = await this.#answers.getEntry(exchange.key);
    if (kept?.value === undefined) return this.#callAlone(exchange, 'miss');
    sendAnswer(exchange.res, kept.value, this.#hitOf(kept));
  }

  /** Looks the answer up and, if it is not there, calls the model; whoever asks the same meanwhile joins. */
  async #lead(exchange: Exchange): Promise<void> {
    const { req, res, key } = exchange;
    const flight = new Flight(() => hold.release(), this.#settings.clock);
    const hold = holdClient(req, res, () => flight.hasFollowers);
    const progress = { hasCalled: false };
    this.#flights.set(key, flight);
    try {
      const load = async (): Promise<Answer | undefined> => {
        if (res.destroyed) return undefined;
        progress.hasCalled = true;
        return callModel(exchange, this.#settings, 'miss', flight);
      };
      const found = await this.#answers.resolve(key, load, this.#writeOptions(exchange));
      if (!progress.hasCalled && found.value !== undefined) this.#hit(exchange, flight, found.value, found.entry);
    } catch (error) {
      // Whatever a cache can fail with, the handler has answered or is asked below. That its own error comes here is not Express's way.
      if (progress.hasCalled && !res.headersSent) throw error;
    } finally {
      this.#flights.delete(key);
      // Without effect when the flight has landed.
      flight.land(res.destroyed ? { end: 'again' } : { end: 'unshared', whole: false });
      hold.release();
    }
    if (!progress.hasCalled && !res.headersSent && !res.destroyed) await this.#callAlone(exchange, 'miss');
  }

  #hit({ res }: Exchange, flight: Flight, answer: Answer, entry: Entry | undefined): void {
    const status = this.#hitOf(entry);
    sendAnswer(res, answer, status);
    flight.land({ end: 'answer', answer, status });
  }

  #hitOf(entry: Entry | undefined): CacheStatus {
    const left = entry === undefined ? undefined : (entry.staleAt - this.#settings.clock.now()) / 1000;
    return { hit: true, ...(left !== undefined && Number.isFinite(left) && { ttl: left }) };
  }

  /** Shares the call with nobody, and keeps its answer for those who come later. */
  async #callAlone(exchange: Exchange, fwd: 'miss' | 'request'): Promise<void> {
    const answer = await callModel(exchange, this.#settings, fwd);
    if (answer === undefined) return;
    try {
      await this.#answers.set(exchange.key, answer, this.#writeOptions(exchange));
    } catch {
      // The answer is given; that it cannot be kept is told by the cache's events.
    }
  }

  /** What the route says of its answer is known once it has answered. */
  #writeOptions({ control }: Exchange): WriteOptions<Answer | undefined> {
    return { ttl: () => control.ttlMs ?? this.#settings.ttlMs, tags: () => control.tagList };
  }

  /** False: not to be cached. */
  #tenantOf(req: TenantRequest): string | undefined | false {
    const { tenant } = this.#settings;
    if (tenant === undefined) return undefined;
    try {
      const name: unknown = tenant(req);
      return typeof name === 'string' ? name : false;
    } catch {
      return false;
    }
  }
}

/** After an error that nobody took: better no answer than a client that waits for one. */
function giveUp(res: ServerResponse): void {
  if (!res.headersSent) res.destroy();
}
