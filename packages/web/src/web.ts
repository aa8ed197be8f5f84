import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidOption } from '@kvasir/core';
import { controlOf, countPasses } from '@kvasir/core/http';
import { answerFrom } from './answer.ts';
import { type Directives, has } from './directives.ts';
import { forward, type Next } from './forward.ts';
import { invalidatedBy, isUnsafe } from './invalidation.ts';
import { readOptions, type WebOptions } from './options.ts';
import { type Refused, refuseReuse, requestDirectives } from './reusable.ts';
import { openSite, type Site } from './site.ts';
import { purgeTag } from './tags.ts';
import { type Target, targetOf } from './target.ts';
import { answerOnlyIfCached, findSync, Visit } from './visit.ts';

/** Express middleware, and how to tell it that pages have changed. */
export interface Web {
  (req: IncomingMessage, res: ServerResponse, next: Next): void;
  /**
   * Nothing stored for these is served again: an absolute URL (`https://news.example/a?page=2`) or a path (`/a?page=2`, on every host). Exactly these: another query is another
   * page. Throws INVALID_OPTION for anything else.
   */
  purge(...urls: string[]): Promise<void>;
  /** Nothing that carries one of these tags is served again. Also when the cache is shared and something else carries them. */
  invalidateTags(...tags: string[]): Promise<void>;
}

const countPass = countPasses();

/** A shared HTTP cache (RFC 9111) in front of what is mounted after it. Throws INVALID_OPTION. */
export function web(options: WebOptions = {}): Web {
  const site = openSite(readOptions(options));
  const { cache } = site.settings;
  const handle = (req: IncomingMessage, res: ServerResponse, next: Next): void => {
    const target = targetOf(req);
    const { method = 'GET' } = req;
    controlOf(req);
    if (method === 'GET' || method === 'HEAD') answer(site, target, req, res, next);
    else
      forward(res, next, { fwd: 'method' }, (status, fields) => {
        const tags = target === undefined || !isUnsafe(method) ? [] : invalidatedBy(target, status, fields);
        if (tags.length > 0) void cache.invalidateTags(...tags);
      });
  };
  return Object.assign(handle, {
    purge: (...urls: string[]) => cache.invalidateTags(...urls.map(toTag)),
    invalidateTags: (...tags: string[]) => cache.invalidateTags(...tags),
  });
}

function toTag(url: string): string {
  const tag = typeof url === 'string' ? purgeTag(url) : undefined;
  if (tag === undefined)
    throw invalidOption('purge() url', 'an absolute http(s) URL, or a path that begins with /', url);
  return tag;
}

function answer(site: Site, target: Target | undefined, req: IncomingMessage, res: ServerResponse, next: Next): void {
  const { headers } = req;
  const { clientDirectives, clock } = site.settings;
  const directives = clientDirectives ? requestDirectives(headers) : undefined;
  const refused = bypassedBy(req, directives);
  if (refused !== undefined) return forward(res, next, refused);
  if (target === undefined) return forward(res, next, { fwd: 'bypass', detail: 'target' });
  const passes = countPass(req);
  const own = keyOf(site, target, req);
  const key = own === undefined || passes === 0 ? own : `${own} behind ${passes}`;
  if (key === undefined) return forward(res, next, { fwd: 'bypass', detail: 'key' });

  const mayForward = directives === undefined || !has(directives, 'only-if-cached');
  const page = findSync(site, key, headers);
  if (page === undefined) {
    const mayNotLead = mayForward ? partAskedBy(req) : 'only-if-cached';
    return void new Visit(site, { req, res, next, target, key, directives, mayForward, mayNotLead }).serve();
  }
  const now = clock.now();
  const unfit = refuseReuse(page, headers, directives, now);
  if (unfit === undefined) answerFrom(page, req, res, now, { hit: true, ttl: (page.freshUntil - now) / 1000 });
  else if (mayForward) forward(res, next, unfit);
  else answerOnlyIfCached(res);
}

/** The answer to these is not whole, so it cannot be shared. */
function partAskedBy(req: IncomingMessage): string | undefined {
  if (req.method === 'HEAD') return 'head';
  return req.headers.range === undefined ? undefined : 'range';
}

/** Requests that are neither answered from the cache nor kept. */
function bypassedBy(req: IncomingMessage, directives: Directives | undefined): Refused | undefined {
  const { headers } = req;
  if (controlOf(req).skipped) return { fwd: 'bypass', detail: 'skip' };
  // What a GET's content means is not defined (RFC 9110 section 9.3.1), so an answer that heeds it has no key here.
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0')
    return { fwd: 'bypass', detail: 'content' };
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined)
    return { fwd: 'bypass', detail: 'precondition' };
  return directives !== undefined && has(directives, 'no-store') ? { fwd: 'request', detail: 'no-store' } : undefined;
}

function keyOf(site: Site, target: Target, req: IncomingMessage): string | undefined {
  const { keyOf: select } = site.settings;
  if (select === undefined) return target.key;
  try {
    const selecting = select(req);
    return selecting === undefined ? undefined : `${target.key} key ${hash('sha256', selecting, 'base64url')}`;
  } catch {
    return undefined;
  }
}
