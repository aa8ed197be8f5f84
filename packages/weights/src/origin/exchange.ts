import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '@kvasir/core';

const MAX_REDIRECTS = 5;
/** A body up to this is read to its end, so that the connection can be used again. */
const MAX_DISMISSED_BYTES = 64 * 1024;

export interface Wire {
  /** Own fields, credentials among them: sent only to the host they are meant for. */
  readonly headers: Readonly<Record<string, string>>;
  readonly agentOf: (url: URL) => Agent;
  readonly clock: Clock;
  /** The longest silence. */
  readonly timeoutMs: number;
}

export interface Ask {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  /** Fields that any host may see. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Stops at a redirect that already says all, and answers with it. */
  readonly isEnough?: (message: IncomingMessage) => boolean;
}

export interface Answer {
  readonly message: IncomingMessage;
  readonly status: number;
  /** A field of the last answer, or of a redirect on the way when the last one lacks it. */
  field(name: string): string | undefined;
}

/**
 * One request with its redirects (at most five, http and https only, never from https to http). Fields of `wire.headers` go to the host of
 * the first URL and to no other. Rejects with plain errors: a socket that broke, silence, a redirect that leads nowhere.
 */
export async function exchange(wire: Wire, ask: Ask): Promise<Answer> {
  const seen: IncomingMessage[] = [];
  let url = ask.url;
  for (let redirects = 0; ; redirects++) {
    ask.signal.throwIfAborted();
    const own = url.origin === ask.url.origin ? wire.headers : {};
    const message = await send(wire, ask, url, { ...own, ...ask.headers });
    seen.unshift(message);
    const location = isRedirect(message) ? message.headers.location : undefined;
    if (location === undefined || ask.isEnough?.(message)) return answer(message, seen);
    dismiss(message, ask.method);
    if (redirects === MAX_REDIRECTS) throw new Error('too many redirects');
    url = follow(url, location);
  }
}

function answer(message: IncomingMessage, seen: readonly IncomingMessage[]): Answer {
  return {
    message,
    status: message.statusCode ?? 0,
    field(name) {
      for (const { headers } of seen) {
        const value = headers[name];
        if (typeof value === 'string') return value;
      }
      return undefined;
    },
  };
}

function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode);
}

function follow(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new Error('a redirect that cannot be read');
  const to = new URL(location, from.href);
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:'))
    throw new Error(`a redirect to ${to.protocol}`);
  return to;
}

function send(wire: Wire, ask: Ask, url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: ask.method, headers, agent: wire.agentOf(url) });
    const fail = (error: unknown): void => {
      calm();
      reject(error);
    };
    // Rejects by itself: a request that waits for a socket hears nothing of its end.
    const stop = (): void => {
      // Without an error of its own: a socket that is about to be reused has no listener for one.
      outgoing.destroy();
      fail(new Error('given up'));
    };
    const calm = wire.clock.after(wire.timeoutMs, stop);
    ask.signal.addEventListener('abort', stop);
    outgoing.once('close', () => {
      ask.signal.removeEventListener('abort', stop);
      // After an upgrade that nobody asked for there is neither an answer nor an error.
      fail(new Error('closed without an answer'));
    });
    outgoing.once('response', (message) => {
      calm();
      // A body that breaks while nobody reads it is noticed when somebody does.
      message.on('error', () => undefined);
      resolve(message);
    });
    outgoing.on('error', fail);
    outgoing.end();
  });
}

/** Lets go of an answer whose body nobody wants. */
export function dismiss(message: IncomingMessage, method: 'GET' | 'HEAD'): void {
  const length = message.headers['content-length'];
  const isShort = method === 'HEAD' || (length !== undefined && Number(length) <= MAX_DISMISSED_BYTES);
  if (isShort) message.resume();
  else message.destroy();
}

/** The body, chunk by chunk; a chunk that does not come in time, or a socket that breaks, throws. */
export async function* readBody(wire: Wire, message: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    while (true) {
      const calm = wire.clock.after(wire.timeoutMs, () => message.destroy());
      const step = await chunks.next().finally(calm);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    message.destroy();
  }
}
