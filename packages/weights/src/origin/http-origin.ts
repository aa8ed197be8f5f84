import { createHash } from 'node:crypto';
import { type Agent, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Clock } from '@kvasir/core';
import { type Description, isSameVersion, type Validators } from '../description.ts';
import { type ExpectedDigest, SHA256_HEX } from '../digest.ts';
import { type Fault, originFailed } from '../fault.ts';
import { parseContentRange, type Span } from '../range.ts';
import { type Answer, type Ask, dismiss, exchange, readBody, type Wire } from './exchange.ts';
import type { Origin, Part, Seen } from './origin.ts';

/** Four ranges of sixteen files at once. Further requests queue, and are given up when that takes as long as silence may. */
const MAX_SOCKETS = 64;
const MAX_TEXT_BYTES = 4096;
/** What Retry-After may ask for: a clock that is wrong over there must not end an origin for good. Hubs count in windows of five minutes. */
const MAX_QUIET_MS = 300_000;

export interface HttpOriginOptions {
  /** Ends with `/`. */
  readonly base: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Files below a URL. Knows what hubs say beyond HTTP: `X-Linked-ETag`, `X-Linked-Size`, and Git's blob ids as ETags of small files. */
export class HttpOrigin implements Origin {
  readonly id: string;
  readonly isLocal = false;
  readonly #base: URL;
  readonly #wire: Wire;
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  #quietUntil = 0;

  constructor({ base, headers, timeoutMs, clock }: HttpOriginOptions) {
    this.#base = base;
    this.id = createHash('sha256').update(base.href).digest('hex').slice(0, 16);
    const agentOf = (url: URL): Agent => (url.protocol === 'https:' ? this.#https : this.#http);
    this.#wire = { headers, agentOf, clock, timeoutMs };
  }

  async look(name: string, signal: AbortSignal): Promise<Seen | undefined> {
    const head = await this.#ask(name, { method: 'HEAD', signal, headers: {}, isEnough: isLinked });
    dismiss(head.message, 'HEAD');
    const isHeadUseless = [405, 501].includes(head.status) || (head.status === 200 && sizeOf(head) === undefined);
    if (!isHeadUseless) return this.#see(name, head);
    const probe = await this.#ask(name, { method: 'GET', signal, headers: { range: 'bytes=0-0' } });
    dismiss(probe.message, 'GET');
    return this.#see(name, probe);
  }

  async text(name: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#ask(name, { method: 'GET', signal, headers: {} });
    if (answer.status !== 200) {
      dismiss(answer.message, 'GET');
      // A store may answer 403 for what is not there.
      if (answer.status === 403 || isMissing(answer.status)) return undefined;
      throw this.#refusal(name, answer);
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of this.#read(name, answer)) {
      bytes += chunk.byteLength;
      if (bytes > MAX_TEXT_BYTES) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  async fetch(description: Description, span: Span, signal: AbortSignal): Promise<Part> {
    const { name, validators } = description;
    const headers = { range: `bytes=${span.start}-${span.end - 1}`, ...ifRange(validators) };
    const answer = await this.#ask(name, { method: 'GET', signal, headers });
    try {
      return { ...this.#check(answer, description, span), body: this.#read(name, answer) };
    } catch (error) {
      dismiss(answer.message, 'GET');
      throw error;
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #check(answer: Answer, { name, size, validators }: Description, span: Span): Omit<Part, 'body'> {
    if (answer.status === 416 || isMissing(answer.status))
      throw originFailed(name, 'changed at the origin', { kind: 'changed', status: answer.status });
    if (answer.status !== 200 && answer.status !== 206) throw this.#refusal(name, answer);
    if (!isSameVersion(validators, validatorsOf(answer)))
      throw originFailed(name, 'changed at the origin', { kind: 'changed', status: answer.status });
    checkEncoding(name, answer);
    if (answer.status === 200) {
      const length = sizeOf(answer);
      if (length !== undefined && length !== size)
        throw originFailed(name, 'changed its size at the origin', { kind: 'changed', status: 200 });
      return { span: { start: 0, end: size }, isWhole: true };
    }
    const range = parseContentRange(answer.field('content-range'));
    if (range?.size !== undefined && range.size !== size)
      throw originFailed(name, 'changed its size at the origin', { kind: 'changed', status: 206 });
    if (range === undefined || range.span.start !== span.start || range.span.end > span.end)
      throw originFailed(name, 'the origin answered another range', { kind: 'broken', status: 206 });
    return { span: range.span, isWhole: false };
  }

  #see(name: string, answer: Answer): Seen | undefined {
    if (isMissing(answer.status)) return undefined;
    const isRedirect = answer.status >= 300 && answer.status < 400;
    if (answer.status !== 200 && answer.status !== 206 && !(isRedirect && isLinked(answer.message)))
      throw this.#refusal(name, answer);
    checkEncoding(name, answer);
    const size = sizeOf(answer);
    if (size === undefined)
      throw originFailed(name, 'the origin does not tell the size', { kind: 'broken', status: answer.status });
    return { size, validators: validatorsOf(answer), expected: expectedOf(answer) };
  }

  async #ask(name: string, ask: Omit<Ask, 'url'>): Promise<Answer> {
    const wait = this.#quietUntil - this.#wire.clock.now();
    if (wait > 0) throw originFailed(name, 'the origin asked to wait', { kind: 'transient', retryAfterMs: wait });
    const url = new URL(name.split('/').map(encodeURIComponent).join('/'), this.#base);
    // Ranges and digests are of the bytes themselves.
    const headers = { 'accept-encoding': 'identity', ...ask.headers };
    try {
      return await exchange(this.#wire, { ...ask, url, headers });
    } catch (reason) {
      throw originFailed(name, 'the origin cannot be reached', { kind: 'transient', reason });
    }
  }

  async *#read(name: string, answer: Answer): AsyncGenerator<Uint8Array> {
    try {
      yield* readBody(this.#wire, answer.message);
    } catch (reason) {
      throw originFailed(name, 'the origin broke off', { kind: 'transient', reason });
    }
  }

  #refusal(name: string, answer: Answer): Error {
    const { status } = answer;
    const retryAfterMs = status === 429 || status === 503 ? this.#heed(answer.field('retry-after')) : undefined;
    const isTransient = status === 408 || status === 429 || status >= 500;
    const fault: Fault = { kind: isTransient ? 'transient' : 'refused', status, retryAfterMs };
    return originFailed(name, `the origin answered ${status}`, fault);
  }

  /** Retry-After in seconds or as a date (RFC 9110 section 10.2.3), five minutes at most. Until then nothing is asked. */
  #heed(field: string | undefined): number | undefined {
    if (field === undefined) return undefined;
    const now = this.#wire.clock.now();
    const asked = /^\d+$/.test(field.trim()) ? Number(field) * 1000 : Date.parse(field) - now;
    if (Number.isNaN(asked)) return undefined;
    const wait = Math.min(Math.max(0, asked), MAX_QUIET_MS);
    this.#quietUntil = Math.max(this.#quietUntil, now + wait);
    return wait;
  }
}

function isMissing(status: number): boolean {
  return status === 404 || status === 410;
}

/** A hub's redirect to its store: says size and digest, so the store need not be asked. */
function isLinked({ headers }: Answer['message']): boolean {
  return headers['x-linked-etag'] !== undefined && headers['x-linked-size'] !== undefined;
}

function sizeOf(answer: Answer): number | undefined {
  const linked = answer.field('x-linked-size');
  const length = answer.status === 206 ? undefined : answer.message.headers['content-length'];
  const size = linked ?? length ?? parseContentRange(answer.field('content-range'))?.size;
  if (size === undefined || !/^\d+$/.test(String(size))) return undefined;
  return Number.isSafeInteger(Number(size)) ? Number(size) : undefined;
}

function validatorsOf(answer: Answer): Validators {
  const { headers } = answer.message;
  const isLast = !isLinked(answer.message);
  return {
    etag: isLast ? headers.etag : undefined,
    lastModified: isLast ? headers['last-modified'] : undefined,
    linkedEtag: answer.field('x-linked-etag'),
  };
}

function expectedOf(answer: Answer): ExpectedDigest | undefined {
  const linked = unquote(answer.field('x-linked-etag'));
  if (SHA256_HEX.test(linked)) return { algorithm: 'sha256', hex: linked };
  const git = unquote(answer.message.headers.etag);
  const isHub = answer.field('x-repo-commit') !== undefined;
  return isHub && /^[0-9a-f]{40}$/.test(git) ? { algorithm: 'git-sha1', hex: git } : undefined;
}

function unquote(etag: string | undefined): string {
  return (etag ?? '').replace(/^(?:W\/)?"(.*)"$/, '$1').toLowerCase();
}

/** A weak ETag cannot stand in If-Range (RFC 9110 section 13.1.5); what comes is compared anyway. */
function ifRange({ etag }: Validators): Record<string, string> {
  return etag === undefined || etag.startsWith('W/') ? {} : { 'if-range': etag };
}

function checkEncoding(name: string, answer: Answer): void {
  const encoding = answer.message.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw originFailed(name, 'the origin encodes it, though asked not to', { kind: 'broken', status: answer.status });
}
