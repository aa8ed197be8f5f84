import { type ServerResponse, STATUS_CODES } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { hasHungUp } from './hang-up.ts';
import { applyHead, listHeaders } from './head.ts';

/** Header fields as they were sent, in order; a name may repeat (Set-Cookie). Names keep their case. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A whole response, as the handler made it. */
export interface RecordedResponse {
  readonly status: number;
  readonly statusMessage: string;
  /** What `onHead` was given: without the fields that it set itself, and without those that Node adds (Date, Connection, framing). */
  readonly headers: HeaderList;
  /** Empty for HEAD, 204 and 304. A copy: nobody else writes to it. */
  readonly body: Buffer;
}

export type RecordingOutcome =
  | { readonly complete: true; readonly response: RecordedResponse }
  | { readonly complete: false; readonly reason: 'declined' | 'too-large' | 'aborted' | 'length-mismatch' | 'upgrade' };

export interface RecordOptions {
  /** A body above this is passed on but no longer kept: `too-large`. */
  readonly maxBytes: number;
  /**
   * Called once, just before the head is sent, when status and headers are final (headers may still be set on `res` here).
   * False, or a throw = do not record the body: `declined`. Not called when the response never gets a head.
   */
  readonly onHead: (status: number, headers: HeaderList) => boolean;
  /** Each piece of a body that is being recorded, as it comes, and never before `onHead` has agreed; to be read only. Must not throw. */
  readonly onChunk?: (chunk: Buffer) => void;
  /** How long a handler that has not begun its body may take after its client left. Default 10,000 ms, then `aborted`. */
  readonly lingerMs?: number;
  /** Measures `lingerMs`. Default: the system's. */
  readonly clock?: Clock;
}

/** Follows write, end, writeHead, pipe, sendFile, json, redirect … on `res`, which still answers its own client. */
export type RecordResponse = (res: ServerResponse, options: RecordOptions) => Promise<RecordingOutcome>;

/**
 * Records by wrapping `writeHead`, `write`, `end` and `destroy` of this one `res`. Every other way to answer ends in those four, and so do
 * wrappers like compression, whichever was mounted first. A slow client does not slow the recording: up to `maxBytes` are buffered for it, and
 * `write` asks for no pause until the recording has ended. The promise never rejects, and settles when the handler ends the response or can no longer do so.
 *
 * When is a body whole? When the handler called `end` and the bytes agree with its Content-Length, if it gave one. That the client was still
 * there to receive them does not matter. But a handler that notices that its client left may stop early and end what it has, and
 * without a Content-Length that looks like any other end. So after the client left, a body counts only when it came in one piece, or when all bytes of
 * a declared length came; and only if nobody subscribed to 'close' or 'aborted' of this request since recording began.
 */
export const recordResponse: RecordResponse = (res, options) =>
  new Promise((resolve) => {
    new Recording(res, options, resolve).begin();
  });

type Reason = Extract<RecordingOutcome, { complete: false }>['reason'];
type Inner = (...args: unknown[]) => unknown;

const DEFAULT_LINGER_MS = 10_000;

class Recording {
  readonly #res: ServerResponse;
  readonly #options: RecordOptions;
  readonly #resolve: (outcome: RecordingOutcome) => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #writes = 0;
  #head: { status: number; headers: HeaderList; length: number | undefined } | undefined;
  #ended = false;
  #clientLeft = false;
  #handlerWatchesClient = false;
  /** Set while an inner method runs: what that calls on `res` in turn is the same output, seen already. */
  #inside = false;
  #settled = false;
  #stopWaiting: (() => void) | undefined;

  constructor(res: ServerResponse, options: RecordOptions, resolve: (outcome: RecordingOutcome) => void) {
    this.#res = res;
    this.#options = options;
    this.#resolve = resolve;
  }

  begin(): void {
    const res = this.#res;
    this.#wrap('writeHead', (inner, args) => this.#onWriteHead(inner, args));
    this.#wrap('write', (inner, args) => this.#onWrite(inner, args));
    this.#wrap('end', (inner, args) => this.#onEnd(inner, args));
    this.#wrap('destroy', (inner, args) => {
      if (!this.#ended) this.#fail('aborted');
      return inner(...args);
    });
    res.once('close', this.#onClose);
    res.on('newListener', this.#onNewListener);
    res.req.on('newListener', this.#onNewListener);
    if (res.headersSent) this.#fail('declined');
    else if (res.destroyed) this.#onClose();
  }

  #wrap(name: 'writeHead' | 'write' | 'end' | 'destroy', around: (inner: Inner, args: unknown[]) => unknown): void {
    const target = this.#res as unknown as Record<string, Inner>;
    const original = target[name] as Inner;
    const inner: Inner = (...args) => original.apply(this.#res, args);
    target[name] = (...args: unknown[]) => (this.#settled ? inner(...args) : around(inner, args));
  }

  #onWriteHead(inner: Inner, args: unknown[]): unknown {
    const status = Number(args[0]) | 0;
    if (this.#res.headersSent || this.#head !== undefined || status < 100 || status > 999) return inner(...args);
    return this.#guard(() => {
      applyHead(this.#res, args);
      this.#takeHead(status);
      return inner(status);
    });
  }

  #onWrite(inner: Inner, args: unknown[]): unknown {
    if (this.#inside || this.#ended) return inner(...args);
    this.#writes++;
    const flushed = this.#pass(inner, args);
    // Whoever waits for the recording must not wait for this client's network: while recording, `maxBytes` is the bound, not the socket.
    return this.#isRecording() || flushed;
  }

  #onEnd(inner: Inner, args: unknown[]): unknown {
    if (this.#inside || this.#ended) return inner(...args);
    const result = this.#pass(inner, args, () => {
      this.#ended = true;
    });
    this.#finishIfWhole();
    return result;
  }

  #pass(inner: Inner, args: unknown[], before?: () => void): unknown {
    return this.#guard(() => {
      // Node sends no head once the client is gone.
      if (this.#res.destroyed && this.#head === undefined) this.#takeHead(this.#res.statusCode);
      this.#keep(args);
      before?.();
      this.#inside = true;
      try {
        return inner(...args);
      } finally {
        this.#inside = false;
      }
    });
  }

  /** After a throw, what was sent is anyone's guess. */
  #guard(run: () => unknown): unknown {
    try {
      return run();
    } catch (error) {
      this.#fail('aborted');
      throw error;
    }
  }

  #takeHead(status: number): void {
    const headers = listHeaders(this.#res);
    const length = declaredLength(headers);
    this.#head = { status, headers, length };
    if (status === 101) return this.#fail('upgrade');
    if (!this.#ask(status, headers)) return this.#fail('declined');
    if (this.#hasBody() && length !== undefined && length > this.#options.maxBytes) return this.#fail('too-large');
    if (this.#hasBody()) for (const chunk of this.#chunks) this.#options.onChunk?.(chunk);
    this.#finishIfWhole();
  }

  #ask(status: number, headers: HeaderList): boolean {
    try {
      return this.#options.onHead(status, headers);
    } catch {
      return false;
    }
  }

  #keep(args: readonly unknown[]): void {
    const chunk = toBytes(args[0], args[1]);
    if (chunk === undefined || this.#settled) return;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#options.maxBytes && this.#hasBody()) {
      // The head that this call is about to send still wants to be asked about.
      if (this.#head === undefined) this.#takeHead(this.#res.statusCode);
      this.#fail('too-large');
    } else {
      this.#chunks.push(chunk);
      if (this.#head !== undefined && this.#hasBody()) this.#options.onChunk?.(chunk);
    }
  }

  #finishIfWhole(): void {
    const head = this.#head;
    // The wrapper that `end` went through may send the head later (express-session).
    if (this.#settled || !this.#ended || this.#inside || head === undefined) return;
    const hasBody = this.#hasBody();
    if (hasBody && head.length !== undefined && head.length !== this.#bytes) return this.#fail('length-mismatch');
    if (this.#clientLeft && !this.#isWholeWithoutClient()) return this.#fail('aborted');
    const body = hasBody ? Buffer.concat(this.#chunks) : Buffer.alloc(0);
    const { status, headers } = head;
    const statusMessage = this.#res.statusMessage || (STATUS_CODES[status] ?? '');
    this.#settle({ complete: true, response: { status, statusMessage, headers, body } });
  }

  #isWholeWithoutClient(): boolean {
    return this.#bytes > 0 && (this.#writes === 0 || this.#head?.length !== undefined);
  }

  #isRecording(): boolean {
    return this.#head !== undefined && !this.#settled && !this.#clientLeft;
  }

  #hasBody(): boolean {
    const status = this.#head?.status;
    return this.#res.req.method !== 'HEAD' && status !== 204 && status !== 304;
  }

  readonly #onClose = (): void => {
    if (this.#settled || this.#ended) return;
    this.#clientLeft = true;
    const begunWithoutLength = this.#writes > 0 && this.#head?.length === undefined;
    if (this.#handlerWatchesClient || begunWithoutLength || hasHungUp(this.#res.req)) return this.#fail('aborted');
    const { clock = systemClock, lingerMs = DEFAULT_LINGER_MS } = this.#options;
    this.#stopWaiting = clock.after(lingerMs, () => this.#fail('aborted'));
  };

  readonly #onNewListener = (event: string | symbol): void => {
    if (event === 'close' || event === 'aborted') this.#handlerWatchesClient = true;
  };

  #fail(reason: Reason): void {
    this.#settle({ complete: false, reason });
  }

  #settle(outcome: RecordingOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopWaiting?.();
    this.#chunks.length = 0;
    this.#res.off('close', this.#onClose);
    this.#res.off('newListener', this.#onNewListener);
    this.#res.req.off('newListener', this.#onNewListener);
    this.#resolve(outcome);
  }
}

/** A copy, since the writer may reuse its buffer. Undefined for what `write` itself will refuse. */
function toBytes(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk);
  if (typeof chunk !== 'string') return undefined;
  const name = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
  return Buffer.from(chunk, name);
}

function declaredLength(headers: HeaderList): number | undefined {
  const field = headers.find(([name]) => name.toLowerCase() === 'content-length');
  return field === undefined ? undefined : Number(field[1]);
}
