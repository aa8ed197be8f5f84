import { hash } from 'node:crypto';
import type { EpochMs } from '@kvasir/core';

/** With keys of at most MAX_KEY_LENGTH characters: some 4 MB. */
const MAX_UNCACHEABLE = 10_000;
/** With MAX_VARIANTS digests each: some 8 MB. */
const MAX_VARIED = 1_000;
/** Longer keys are held by digest: a URI may have 16 KB. */
const MAX_KEY_LENGTH = 128;
/** Then one request finds out again, while the others wait for no more than its head. */
const REMEMBER_MS = 10_000;
/** Of one URI while its first variant is fresh: enough for languages times encodings, too few to fill a cache with invented ones. */
const MAX_VARIANTS = 64;

/** Hit-for-miss: targets whose answers cannot be shared are not waited for, so that coalescing does not make a queue of them. */
export class Uncacheable {
  readonly #known = new Map<string, { readonly reason: string; readonly until: EpochMs }>();

  add(key: string, reason: string, now: EpochMs): void {
    const short = shorten(key);
    this.#known.delete(short);
    this.#known.set(short, { reason, until: now + REMEMBER_MS });
    dropOldest(this.#known, MAX_UNCACHEABLE);
  }

  /** Why the last answer was not shared; undefined when that is unknown, or too long ago. */
  reason(key: string, now: EpochMs): string | undefined {
    if (this.#known.size === 0) return undefined;
    const short = shorten(key);
    const known = this.#known.get(short);
    if (known === undefined) return undefined;
    if (now < known.until) return known.reason;
    this.#known.delete(short);
    return undefined;
  }
}

/** How many variants each URI has, for as long as its first one lives. */
export class Variants {
  readonly #byKey = new Map<string, Set<string>>();

  /** The first variant of a URI is stored (again): counting begins anew. */
  restart(key: string): void {
    this.#byKey.delete(shorten(key));
  }

  /** False when the URI has its share. `variant` is a digest. */
  admit(key: string, variant: string): boolean {
    const short = shorten(key);
    let variants = this.#byKey.get(short);
    if (variants === undefined) {
      variants = new Set();
      this.#byKey.set(short, variants);
      dropOldest(this.#byKey, MAX_VARIED);
    }
    if (variants.size < MAX_VARIANTS - 1) variants.add(variant);
    return variants.has(variant);
  }
}

function shorten(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : hash('sha256', key, 'base64url');
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  if (map.size <= max) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
