import { NO_SLOT } from '../policy/policy.ts';
import { SlotLists } from '../policy/slot-lists.ts';

/**
 * A map of at most `capacity` entries that forgets the least recently used. Evicting by `map.keys().next()` slows down with every deletion
 * that V8 has not compacted yet; a list of slots does not.
 */
export class RecentMap<V> {
  readonly #capacity: number;
  readonly #slots = new Map<string, number>();
  readonly #lists = new SlotLists(1);
  readonly #keys: string[] = [];
  readonly #values: V[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Leaves the order as it is. */
  peek(key: string): V | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  /** The value under `key`, now the most recently used; made if it is missing, in place of the least recently used when all are taken. */
  obtain(key: string, make: (key: string) => V): V {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      this.#lists.move(0, known);
      return this.#values[known] as V;
    }
    const slot = this.#slots.size < this.#capacity ? this.#slots.size : this.#forgetOldest();
    const value = make(key);
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#lists.push(0, slot);
    return value;
  }

  #forgetOldest(): number {
    const slot = this.#lists.first(0);
    if (slot === NO_SLOT) return 0;
    this.#lists.unlink(slot);
    this.#slots.delete(this.#keys[slot] as string);
    return slot;
  }
}
