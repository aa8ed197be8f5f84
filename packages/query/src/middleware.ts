import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkKnown, type Duration, parseDuration } from '@kvasir/core';
import { type CacheStatus, controlOf, setCacheStatus } from '@kvasir/core/http';
import { DEFAULTS } from './options.ts';
import { runInScope } from './scope.ts';

export interface QueryOptions {
  /**
   * For so long after a request that wrote, the same browser's requests read past the cache, by a cookie. Needed where several processes
   * share a database: each hears of the others' writes a little late. At least the cache's `maxStampAge`. Default 0: no cookie.
   */
  readonly readYourWrites?: Duration;
}

export type QueryMiddleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

const COOKIE = 'kvasir-wrote';

/**
 * Express middleware for the queries that a request makes through cached pools, wherever in its handlers: `req.kvasir.skip()` takes them
 * past the cache, `Cache-Status` sums them up, and a client reads its own writes. Throws INVALID_OPTION.
 */
export function query(options: QueryOptions = {}): QueryMiddleware {
  checkKnown('query()', options, ['readYourWrites']);
  const windowMs = parseDuration('query() readYourWrites', options.readYourWrites ?? DEFAULTS.readYourWrites);
  return (req, res, next) => {
    const control = controlOf(req);
    const counts = { hit: 0, miss: 0, bypass: 0 };
    let hasWritten = windowMs > 0 && wroteBefore(req);
    let mustTell = false;
    onHead(res, () => {
      const status = summarise(counts);
      if (status !== undefined) setCacheStatus(res, status);
      if (mustTell && windowMs > 0) res.appendHeader('set-cookie', cookie(windowMs));
    });
    const scope = {
      // What a request wrote, it also reads, whatever the cache has heard by then.
      bypasses: () => control.skipped || hasWritten,
      count: (outcome: keyof typeof counts) => void counts[outcome]++,
      wrote: () => {
        hasWritten = true;
        mustTell = true;
      },
    };
    runInScope(scope, next);
  };
}

function summarise({ hit, miss, bypass }: { hit: number; miss: number; bypass: number }): CacheStatus | undefined {
  const all = hit + miss + bypass;
  if (all === 0) return undefined;
  const detail = `query:${hit}/${all}`;
  if (hit === all) return { hit: true, detail };
  return { fwd: miss > 0 ? 'miss' : 'bypass', detail };
}

/** Just before the head is sent, explicitly or not: Node's implicit head goes through writeHead as well. */
function onHead(res: ServerResponse, run: () => void): void {
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse;
  let isDone = false;
  res.writeHead = (...args: unknown[]) => {
    if (!isDone) run();
    isDone = true;
    return writeHead(...args);
  };
}

function cookie(windowMs: number): string {
  return `${COOKIE}=1; Path=/; Max-Age=${Math.ceil(windowMs / 1000)}; HttpOnly; SameSite=Lax`;
}

function wroteBefore({ headers }: IncomingMessage): boolean {
  return (headers.cookie ?? '').split(';').some((pair) => pair.trim().startsWith(`${COOKIE}=`));
}
