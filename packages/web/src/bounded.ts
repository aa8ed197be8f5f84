import type { EpochMs } from '@kvasir/core';

const MAX_KEYS = 10_000;
/** Then one request finds out again, while the others wait for no more than its head. */
const REMEMBER_MS = 10_000;
/** Of one URI while its first variant is fresh: enough for languages times encodings, too few to fill a cache with invented ones. */
const MAX_VARIANTS = 64;

/** Hit-for-miss: targets whose answers cannot be shared are not waited for, so that coalescing does not make a queue of them. */
export class Uncacheable {
  readonly #until = new Map<string, EpochMs>();

  add(key: string, now: EpochMs): void {
    this.#until.delete(key);
    this.#until.set(key, now + REMEMBER_MS);
    dropOldest(this.#until);
  }

  has(key: string, now: EpochMs): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(key);
    return false;
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
