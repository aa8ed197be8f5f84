import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { onTestFinished } from 'vitest';

const express4 = createRequire(import.meta.url)('express4') as typeof express;

/** The middleware must behave alike on both; the second has no types of its own. */
export const EXPRESS_VERSIONS: readonly (readonly [name: string, create: typeof express])[] = [
  ['Express 5', express],
  ['Express 4', express4],
];

/** Listens on a free port of 127.0.0.1 until the test is over. */
export async function listen(app: Express): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A string is sent as it is. */
export function post(url: string, body: unknown, options: PostOptions = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
}

/** A POST whose answer is looked at piece by piece, and which can be broken off. */
export interface RunningPost {
  readonly response: Promise<IncomingMessage>;
  /** Resolves when at least this much of the body has come. */
  received(text: string): Promise<void>;
  /** Everything until the end; rejects when the connection breaks off before. */
  readonly body: Promise<string>;
  leave(): void;
}

export function startPost(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): RunningPost {
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...headers },
  });
  let text = '';
  let wake = (): void => {};
  const response = new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  );
  const whole = response.then(
    (incoming) =>
      new Promise<string>((resolve, reject) => {
        incoming.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          wake();
        });
        incoming.once('end', () => resolve(text)).once('error', reject);
      }),
  );
  response.catch(() => {});
  whole.catch(() => {});
  sent.on('error', () => {});
  sent.end(JSON.stringify(body));
  return {
    response,
    body: whole,
    leave: () => sent.destroy(),
    async received(expected) {
      while (!text.includes(expected)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

/** A promise that is resolved from outside. */
export interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
}

export function gate(): Gate {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** Resolves once `condition` holds; looks again whenever the event loop has come round. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
