import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCache } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import express5, { type Express } from 'express';
import express4 from 'express4';
import { afterEach } from 'vitest';
import { type Web, type WebOptions, web } from '../../src/index.ts';

/** Both Express versions that are supported, for `describe.each`. */
export const EXPRESSES = [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: Buffer;
  /** The `Cache-Status` field. */
  readonly cache: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

export interface TestSite {
  readonly app: Express;
  readonly pages: Web;
  readonly clock: ManualClock;
  readonly port: number;
  readonly url: string;
  /** Resolves when so many requests in all have come to the cache, and it has looked at them. */
  readonly arrived: (count: number) => Promise<void>;
  readonly ask: (path: string, options?: Ask) => Promise<Answer>;
}

const open = new Set<Server>();
afterEach(async () => {
  for (const server of open) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  open.clear();
});

/** A real server with `web()` in front of `routes`, and a clock that stands still. */
export async function startSite(
  routes: (app: Express, pages: Web) => void,
  options: WebOptions & { express?: typeof express5; before?: (app: Express) => void } = {},
): Promise<TestSite> {
  const { express = express5, before, ...webOptions } = options;
  const clock = (webOptions.clock as ManualClock | undefined) ?? new ManualClock();
  const cache = webOptions.cache ?? createCache({ tiers: [memory({ clock })], clock });
  const pages = web({ clock, cache, ...webOptions });
  const app = express();
  before?.(app);
  const arrivals = countArrivals(app);
  app.use(pages);
  routes(app, pages);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.add(server);
  const { port } = server.address() as AddressInfo;
  return {
    app,
    pages,
    clock,
    port,
    url: `http://127.0.0.1:${port}`,
    arrived: arrivals,
    ask: (path, ask) => askOf(port, path, ask),
  };
}

function countArrivals(app: Express): TestSite['arrived'] {
  let arrived = 0;
  const waiting = new Map<number, () => void>();
  app.use((_req, _res, next) => {
    next();
    waiting.get(++arrived)?.();
  });
  return async (count) => {
    if (arrived < count) await new Promise<void>((resolve) => waiting.set(count, resolve));
    await turns(5);
  };
}

export function askOf(port: number, path: string, ask: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = ask;
  return new Promise((resolve, reject) => {
    const req = httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        const whole = Buffer.concat(chunks);
        const cache = String(res.headers['cache-status'] ?? '');
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text: whole.toString(), body: whole, cache });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Resolves when the event loop has had a few turns. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
