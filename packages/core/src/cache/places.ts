import type { Space } from '../store.ts';
import { checkKey, digestKey, isPlain } from './key.ts';

/** The names of one key of a namespace. */
export interface Place {
  /** Where it meets the keys of other namespaces: remote tier, bus, leases, flights, events. */
  readonly full: string;
  /** In the local store: `local` in `space`. */
  readonly space: Space;
  readonly local: string;
}

/** Where the full keys are, and with them every key that is not held as its caller says it. */
const SHARED_SPACE = 0;
const MAX_SPACE = 65_535;

/**
 * Gives every namespace a space of the local store, in which it finds a key as its caller says it, and translates. Digests, and the keys of namespaces
 * for which no space is left, stand under their full names in a space of their own: so a key that was not checked meets nothing but itself.
 */
export class Places {
  readonly #spaces = new Map<string, Space>();
  readonly #names: string[] = [''];
  readonly #maxSpace: Space;

  constructor(maxSpace: Space = MAX_SPACE) {
    this.#maxSpace = maxSpace;
  }

  /** The space of the plain keys of `namespace`; 0 when none is left. The same namespace has the same space. */
  open(namespace: string): Space {
    const known = this.#spaces.get(namespace);
    if (known !== undefined) return known;
    if (this.#names.length > this.#maxSpace) return SHARED_SPACE;
    this.#spaces.set(namespace, this.#names.length);
    return this.#names.push(namespace) - 1;
  }

  /** That of a full key, as other processes say it. */
  find(full: string): Place {
    const colon = full.indexOf(':');
    const space = this.#spaces.get(full.slice(0, colon));
    return space === undefined || full[colon + 1] === '#'
      ? { full, space: SHARED_SPACE, local: full }
      : { full, space, local: full.slice(colon + 1) };
  }

  /** The full key of what the local store calls `local` in `space`. */
  nameOf(local: string, space: Space): string {
    return space === SHARED_SPACE ? local : `${this.#names[space]}:${local}`;
  }
}

/** The place of `key` in a namespace that has `space`. Throws INVALID_KEY. */
export function locate(namespace: string, space: Space, key: string): Place {
  checkKey(key);
  if (!isPlain(key)) {
    const full = `${namespace}:${digestKey(key)}`;
    return { full, space: SHARED_SPACE, local: full };
  }
  const full = `${namespace}:${key}`;
  return { full, space, local: space === SHARED_SPACE ? full : key };
}
