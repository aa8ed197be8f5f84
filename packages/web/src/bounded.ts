import type { EpochMs } from '@kvasir/core';

const MAX_KEYS = 10_000;
/** Then one request finds out again, while the others wait for no more than its head. */
const REMEMBER_MS = 10_000;
/** Of one URI while its first variant is fresh: enough for languages times encodings, too few to fill a cache with invented ones. */
const MAX_VARIANTS = 64;

/** Hit-for-miss: targets whose answers cannot be shared are not waited for, so that coalescing does not make a queue of them. */
export class Uncacheable {
  readonly #known = new Map<string, { readonly reason: string; readonly until: EpochMs }>();

  add(key: string, reason: string, now: EpochMs): void {
    this.#known.delete(key);
    this.#known.set(key, { reason, until: now + REMEMBER_MS });
    dropOldest(this.#known);
  }

  /** Why the last answer was not shared; undefined when that is unknown, or too long ago. */
  reason(key: string, now: EpochMs): string | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    if (now < known.until) return known.reason;
    this.#known.delete(key);
    return undefined;
  }
}

/** How many variants each URI has, for as long as its first one lives. */
export class Variants {
  readonly #byKey = new Map<string, Set<string>>();

  /** The first variant of a URI is stored (again): counting begins anew. */
  restart(key: string): void {
    this.#byKey.delete(key);
  }

  /** False when the URI has its share. */
  admit(key: string, variant: string): boolean {
    let variants = this.#byKey.get(key);
    if (variants === undefined) {
      variants = new Set();
      this.#byKey.set(key, variants);
      dropOldest(this.#byKey);
    }
    if (variants.size < MAX_VARIANTS - 1) variants.add(variant);
    return variants.has(variant);
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_KEYS) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
