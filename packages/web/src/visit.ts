import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type CacheStatus, setCacheStatus } from '@kvasir/core/http';
import { answerFrom } from './answer.ts';
import { hasCredentials } from './credentials.ts';
import type { Directives } from './directives.ts';
import { forward, type Next } from './forward.ts';
import { lead } from './lead.ts';
import { isPage, type Page, type Refusal } from './page.ts';
import { refuseReuse } from './reusable.ts';
import type { Site } from './site.ts';
import type { Terms } from './storable.ts';
import type { Target } from './target.ts';
import { variantOf } from './vary.ts';

/** How many different Vary lists of one URI are followed. */
const MAX_DEPTH = 4;
/** How often a request waits for another leader when one broke off. Then it runs the handler alone. */
const MAX_RETRIES = 2;
/** How long a request waits for another's answer before it runs the handler itself: nginx waits 5 s (proxy_cache_lock_timeout), slow pages take longer. */
export const MAX_WAIT_MS = 10_000;

/** A GET or HEAD that may be answered from the cache, and what it is about. */
export interface Asked {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
  readonly target: Target;
  readonly key: string;
  /** Of the client, where they count. */
  readonly directives: Directives | undefined;
  /** Why its answer could not be for others; undefined for a whole GET. */
  readonly mayNotLead: string | undefined;
  /** only-if-cached: the handler must not run. */
  readonly mayForward: boolean;
}

/** RFC 9111 section 5.2.1.7. */
export function answerOnlyIfCached(res: ServerResponse): void {
  res.statusCode = 504;
  setCacheStatus(res, { detail: 'only-if-cached' });
  res.end();
}

interface Found {
  readonly page: Page | undefined;
  readonly isShared: boolean;
  readonly detail?: string;
  readonly isWorthRetrying?: boolean;
}

/**
 * Where the variants of a URI are: the first one under the URI itself, and it names the fields that select (Vary); any other under the URI and
 * its own selecting values. So pages without Vary, nearly all, take one look-up.
 */
export function variantKey(key: string, page: Terms, headers: IncomingHttpHeaders): string {
  return `${key} variant ${variantOf(page.vary, headers)} of ${page.vary.join(',')}`;
}

/** The stored variant for these headers, without a promise. */
export function findSync(site: Site, key: string, headers: IncomingHttpHeaders): Page | undefined {
  let at = key;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const page = site.pages.getSync(at);
    if (!isPage(page)) return undefined;
    if (page.vary.length === 0 || page.variant === variantOf(page.vary, headers)) return page;
    at = variantKey(key, page, headers);
  }
  return undefined;
}

/** One request that the local tier could not answer: looks further, waits for who is loading, or loads itself. */
export class Visit {
  readonly #site: Site;
  readonly #asked: Asked;
  readonly #headers: IncomingHttpHeaders;
  /** `#leading`: the handler answers. `#over`: answered already, so the handler must not run any more. */
  #leading = false;
  #over = false;

  constructor(site: Site, asked: Asked) {
    this.#site = site;
    this.#asked = asked;
    this.#headers = { ...asked.req.headers };
  }

  async serve(): Promise<void> {
    try {
      await this.#serve();
    } catch {
      // The cache told it as an event; here it is a miss.
      this.#forward('uri-miss', 'error');
    }
  }

  async #serve(): Promise<void> {
    let { key } = this.#asked;
    let fwd: 'uri-miss' | 'vary-miss' = 'uri-miss';
    let retries = 0;
    for (let depth = 0; depth < MAX_DEPTH; ) {
      const { page, isShared, detail, isWorthRetrying } = await this.#obtain(key, fwd, depth);
      if (this.#leading) return;
      if (page === undefined) {
        if (isWorthRetrying !== true || retries++ === MAX_RETRIES) return this.#forward(fwd, detail);
      } else if (page.variant === variantOf(page.vary, this.#headers)) {
        return this.#reuse(page, isShared ? fwd : undefined);
      } else {
        key = variantKey(this.#asked.key, page, this.#headers);
        fwd = 'vary-miss';
        depth++;
      }
    }
    this.#forward(fwd, 'vary');
  }

  async #obtain(key: string, fwd: 'uri-miss' | 'vary-miss', depth: number): Promise<Found> {
    const { pages, uncacheable, settings } = this.#site;
    const detail = this.#asked.mayNotLead ?? uncacheable.reason(this.#lane(key), settings.clock.now());
    if (detail !== undefined) {
      const stored = (await pages.getEntry(key))?.value;
      return { page: isPage(stored) ? stored : undefined, isShared: false, detail };
    }
    const resolution = await this.#orLate(pages.resolve(key, () => this.#lead(key, fwd, depth)));
    if (resolution === undefined) return { page: undefined, isShared: true, detail: 'late' };
    const { value, outcome } = resolution;
    const isShared = outcome === 'join';
    if (!isPage(value)) {
      const isWorthRetrying = value.isWorthRetrying || (value.hadCredentials && !this.#hasCredentials());
      return { page: undefined, isShared, detail: value.refused, isWorthRetrying };
    }
    return { page: value, isShared };
  }

  async #lead(key: string, fwd: 'uri-miss' | 'vary-miss', depth: number): Promise<Page | Refusal> {
    const { settings, uncacheable, variants } = this.#site;
    if (this.#over || this.#leading) return { refused: 'late', isWorthRetrying: true, hadCredentials: false };
    this.#leading = true;
    const object = (terms: Terms): string | undefined => {
      if (depth > 0)
        return variants.admit(this.#asked.key, variantOf(terms.vary, this.#headers)) ? undefined : 'variants';
      if (terms.vary.length > 0) variants.restart(key);
      return undefined;
    };
    const loaded = await lead({ ...this.#asked, headers: this.#headers, fwd, object }, settings);
    if ('page' in loaded) return loaded.page;
    const { refusal, isLasting } = loaded;
    if (isLasting) uncacheable.add(this.#lane(key), `hit-for-miss:${refusal.refused}`, settings.clock.now());
    return refusal;
  }

  /** Undefined when this request only waits and has waited long enough. */
  async #orLate<T>(work: Promise<T>): Promise<T | undefined> {
    let cancel: (() => void) | undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#site.settings.clock.after(MAX_WAIT_MS, () => resolve(undefined));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel?.();
    }
  }

  #reuse(page: Page, sharedAfter: 'uri-miss' | 'vary-miss' | undefined): void {
    const { req, res } = this.#asked;
    const now = this.#site.settings.clock.now();
    const refused = refuseReuse(page, this.#headers, this.#asked.directives, now);
    if (refused !== undefined) return this.#forward(refused.fwd, refused.detail);
    this.#over = true;
    const ttl = (page.freshUntil - now) / 1000;
    const status: CacheStatus = sharedAfter === undefined ? { hit: true, ttl } : { fwd: sharedAfter, collapsed: true };
    answerFrom(page, req, res, now, status);
  }

  #forward(fwd: NonNullable<CacheStatus['fwd']>, detail?: string): void {
    if (this.#leading || this.#over) return;
    this.#over = true;
    const { res, next, mayForward } = this.#asked;
    // The client is gone, or a timeout of the app has answered.
    if (res.destroyed || res.headersSent) return;
    if (mayForward) forward(res, next, detail === undefined ? { fwd } : { fwd, detail });
    else answerOnlyIfCached(res);
  }

  /** Answers with credentials are refused for reasons of their own: they say nothing about the others. */
  #lane(key: string): string {
    return this.#hasCredentials() ? `${key} with credentials` : key;
  }

  #hasCredentials(): boolean {
    return hasCredentials(this.#headers);
  }
}
