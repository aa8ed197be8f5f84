import type { IncomingMessage } from 'node:http';
import {
  type Cache,
  type Clock,
  checkFunction,
  checkKnown,
  checkMethods,
  createCache,
  type Duration,
  invalidOption,
  parseDuration,
  parseSize,
  type Size,
  systemClock,
} from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { areFit } from './tags.ts';

export interface WebOptions {
  /** Where pages are kept. Default: a memory cache of its own, 64 MB. */
  readonly cache?: Cache;
  /** Freshness of answers (200, 203, 300, 301, 308, 410) that say nothing of it themselves. Default: none, so these are not stored. */
  readonly ttl?: Duration;
  /** Tags of every page, besides those of `Surrogate-Key`, `Cache-Tag` and `req.kvasir.tags()`. */
  readonly tags?: readonly string[] | ((req: IncomingMessage) => readonly string[]);
  /**
   * What besides the URI and `Vary` selects a page (a tenant, an experiment); kept as a digest. Undefined, or a throw: the request bypasses the cache.
   * Called for each GET and HEAD.
   */
  readonly key?: (req: IncomingMessage) => string | undefined;
  /**
   * Whether a client's own Cache-Control and Pragma count (RFC 9111 section 5.2.1). False: a browser's reload is answered from the cache like any
   * request, and nobody can make the handler run by asking for it. Default true.
   */
  readonly clientDirectives?: boolean;
  /** Larger bodies pass through and are not stored. Default '2MB'. */
  readonly maxBodyBytes?: Size;
  /** Default: the system's. Give the cache the same one. */
  readonly clock?: Clock;
}

export const DEFAULTS = { clientDirectives: true, maxBodyBytes: '2MB' } as const;

/** The options, checked. */
export interface Settings {
  readonly cache: Cache;
  readonly ttlMs: number | undefined;
  readonly tagsOf: (req: IncomingMessage) => readonly string[];
  readonly keyOf: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly clientDirectives: boolean;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
}

/** Throws INVALID_OPTION. */
export function readOptions(options: WebOptions): Settings {
  checkKnown('web()', options, ['cache', 'ttl', 'tags', 'key', 'clientDirectives', 'maxBodyBytes', 'clock']);
  const { cache, ttl, tags = [], key, clock = systemClock } = options;
  checkMethods('web() cache', cache, ['namespace', 'invalidateTags']);
  checkMethods('web() clock', clock, ['now', 'after']);
  if (typeof tags !== 'function' && !(Array.isArray(tags) && areFit(tags)))
    throw invalidOption(
      'web() tags',
      'at most 126 strings of 1 to 512 characters, or a function that returns them',
      tags,
    );
  const { clientDirectives = DEFAULTS.clientDirectives } = options;
  if (typeof clientDirectives !== 'boolean')
    throw invalidOption('web() clientDirectives', 'a boolean', clientDirectives);
  checkFunction('web() key', key);
  return {
    cache: cache ?? createCache({ tiers: [memory({ clock })], clock }),
    ttlMs: ttl === undefined ? undefined : parseDuration('web() ttl', ttl),
    tagsOf: typeof tags === 'function' ? tags : () => tags as readonly string[],
    keyOf: key,
    clientDirectives,
    maxBodyBytes: parseSize('web() maxBodyBytes', options.maxBodyBytes ?? DEFAULTS.maxBodyBytes),
    clock,
  };
}
