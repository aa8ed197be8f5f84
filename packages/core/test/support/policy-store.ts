import { hashKey, NO_SLOT, type Policy, type PolicyFactory, type Slot } from '../../src/index.ts';

/** The least of a store: keys over a policy, nothing else. */
export class PolicyStore {
  readonly policy: Policy;
  readonly #capacity: number;
  readonly #slots = new Map<string, Slot>();
  readonly #keys: string[] = [];
  readonly #weights: number[] = [];
  readonly #free: Slot[] = [];
  used = 0;

  constructor(make: PolicyFactory, capacity: number, unit: 'bytes' | 'entries' = 'entries') {
    this.policy = make(capacity, unit);
    this.#capacity = capacity;
  }

  /** Sorted. */
  get keys(): string[] {
    return [...this.#slots.keys()].sort();
  }

  /** In the order in which the policy visits them. */
  get visited(): string[] {
    const keys: string[] = [];
    this.policy.forEach?.((slot) => keys.push(this.#keys[slot] ?? ''));
    return keys;
  }

  get size(): number {
    return this.#slots.size;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /** Asks for `key`, and stores it when it is missing. True when it was a hit; `onLeave` hears who goes, in order. */
  ask(key: string, weight = 1, onLeave?: (key: string) => void, cost?: number): boolean {
    const slot = this.#slots.get(key);
    if (slot !== undefined) {
      this.policy.touch(slot);
      return true;
    }
    const own = this.#free.pop() ?? this.#keys.length;
    this.#keys[own] = key;
    this.#weights[own] = weight;
    this.#slots.set(key, own);
    this.used += weight;
    this.policy.insert(own, hashKey(key), weight, cost);
    this.#makeRoom(onLeave);
    return false;
  }

  resize(key: string, weight: number, onLeave?: (key: string) => void, cost?: number): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.used += weight - (this.#weights[slot] ?? 0);
    this.#weights[slot] = weight;
    this.policy.resize(slot, weight, cost);
    this.#makeRoom(onLeave);
  }

  remove(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.policy.remove(slot);
    this.#release(slot);
  }

  #makeRoom(onLeave?: (key: string) => void): void {
    for (;;) {
      const left = this.policy.evict(this.used > this.#capacity);
      if (left === NO_SLOT) return;
      onLeave?.(this.#keys[left] ?? '');
      this.#release(left);
    }
  }

  #release(slot: Slot): void {
    this.used -= this.#weights[slot] ?? 0;
    this.#slots.delete(this.#keys[slot] ?? '');
    this.#free.push(slot);
  }
}

/** Part of the requests that were hits. */
export function hitRatio(make: PolicyFactory, capacity: number, trace: Iterable<string>): number {
  const store = new PolicyStore(make, capacity);
  let hits = 0;
  let requests = 0;
  for (const key of trace) {
    if (store.ask(key)) hits++;
    requests++;
  }
  return hits / requests;
}
