import assert from 'node:assert/strict';
import { NO_SLOT, type Policy, type PolicyFactory, type Slot } from '../policy/policy.ts';
import type { Check } from './check.ts';

/** A store without keys or values: knows who is in, and holds the policy to its contract at every step. */
class Bookkeeper {
  readonly policy: Policy;
  readonly #capacity: number;
  readonly #entries = new Map<Slot, { readonly hash: number; readonly weight: number }>();
  readonly #free: Slot[] = [];
  #slots = 0;
  #used = 0;

  constructor(make: PolicyFactory, capacity: number, unit: 'bytes' | 'entries', lendsHashes = false) {
    this.policy = lendsHashes ? make(capacity, unit, (slot) => this.#hashOf(slot)) : make(capacity, unit);
    this.#capacity = capacity;
  }

  get known(): readonly Slot[] {
    return [...this.#entries.keys()];
  }

  insert(hash: number, weight: number, cost?: number): Slot {
    const slot = this.#free.pop() ?? this.#slots++;
    this.#entries.set(slot, { hash, weight });
    this.#used += weight;
    this.policy.insert(slot, hash, weight, cost);
    this.#makeRoom();
    return slot;
  }

  resize(slot: Slot, weight: number, cost?: number): void {
    this.#used += weight - (this.#entries.get(slot)?.weight ?? 0);
    this.#entries.set(slot, { hash: this.#hashOf(slot), weight });
    this.policy.resize(slot, weight, cost);
    this.#makeRoom();
  }

  remove(slot: Slot): void {
    this.policy.remove(slot);
    this.#forget(slot);
  }

  /** Everybody leaves through evict(true), in this order. */
  drain(): readonly Slot[] {
    const order: Slot[] = [];
    for (let left = this.policy.evict(true); left !== NO_SLOT; left = this.policy.evict(true)) {
      this.#forget(left);
      order.push(left);
    }
    assert.equal(this.#entries.size, 0, 'evict(true) must name everyone before NO_SLOT');
    return order;
  }

  /** forEach must visit who is in, each once. */
  visit(): void {
    if (this.policy.forEach === undefined) return;
    const visited: Slot[] = [];
    this.policy.forEach((slot) => visited.push(slot));
    const ordered = (slots: readonly Slot[]) => [...slots].sort((a, b) => a - b);
    assert.deepEqual(ordered(visited), ordered(this.known), 'forEach must visit everyone in the store, each once');
  }

  #makeRoom(): void {
    for (;;) {
      const roomNeeded = this.#used > this.#capacity;
      const left = this.policy.evict(roomNeeded);
      if (left === NO_SLOT) {
        assert.ok(!roomNeeded, 'evict(true) must name someone while it knows anyone');
        return;
      }
      this.#forget(left);
    }
  }

  #hashOf(slot: Slot): number {
    const entry = this.#entries.get(slot);
    assert.ok(entry !== undefined, `the hash of slot ${slot} was read, but it is not in the store`);
    return entry.hash;
  }

  #forget(slot: Slot): void {
    const entry = this.#entries.get(slot);
    assert.ok(entry !== undefined, `slot ${slot} was named, but is not in the store`);
    this.#entries.delete(slot);
    this.#used = this.#entries.size === 0 ? 0 : this.#used - entry.weight;
    this.#free.push(slot);
  }
}

/** xorshift32: the checks are the same on every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const hashOf = (key: number): number => Math.imul(key + 1, 0x9e3779b1) >>> 0;

function live(books: Bookkeeper, steps: number, seed: number, heaviest: number): void {
  const random = numbersFrom(seed);
  for (let step = 0; step < steps; step++) {
    const known = books.known;
    const one = known[random(Math.max(1, known.length))];
    const what = random(20);
    if (one === undefined || what < 8) books.insert(hashOf(random(200)), 1 + random(heaviest), random(50));
    else if (what < 17) books.policy.touch(one);
    else if (what < 19) books.resize(one, 1 + random(heaviest), random(50));
    else books.remove(one);
    if (step % 50 === 0) books.visit();
  }
}

/** What every {@link PolicyFactory} must do, whatever it prefers. */
export function policyConformance(make: PolicyFactory): readonly Check[] {
  return [
    {
      name: 'names only slots that are in the store, each once, and someone whenever room is needed',
      check() {
        const books = new Bookkeeper(make, 50, 'entries');
        live(books, 5_000, 1, 1);
        books.drain();
      },
    },
    {
      name: 'makes room for entries of any weight up to the whole capacity',
      check() {
        const books = new Bookkeeper(make, 10_000, 'bytes');
        live(books, 5_000, 2, 10_000);
        books.drain();
      },
    },
    {
      name: 'lets go also of entries that are heavier than the store',
      check() {
        const books = new Bookkeeper(make, 100, 'bytes');
        live(books, 5_000, 6, 150);
        books.drain();
      },
    },
    {
      name: 'works in a store of no, of one, of two entries, of a fraction, and without bound',
      check() {
        for (const capacity of [0, 1, 2, 2.5, 10.75, Number.POSITIVE_INFINITY]) {
          for (const unit of ['entries', 'bytes'] as const) {
            const books = new Bookkeeper(make, capacity, unit);
            live(books, 500, 3, unit === 'entries' ? 1 : 4);
            books.drain();
            live(books, 500, 8, unit === 'entries' ? 1 : 4);
            books.drain();
          }
        }
      },
    },
    {
      name: 'bears weights that are no whole numbers, and nothing at all',
      check() {
        const books = new Bookkeeper(make, 7.3, 'bytes');
        const random = numbersFrom(9);
        for (let step = 0; step < 2_000; step++) books.insert(hashOf(random(100)), random(30) / 7);
        books.drain();
      },
    },
    {
      name: 'decides alike whether it keeps hashes itself or reads those of the store, and reads them only of who is in the store',
      check() {
        const own = new Bookkeeper(make, 60, 'bytes');
        const lent = new Bookkeeper(make, 60, 'bytes', true);
        live(own, 3_000, 7, 5);
        live(lent, 3_000, 7, 5);
        assert.deepEqual(lent.known, own.known);
        assert.deepEqual(lent.drain(), own.drain());
      },
    },
    {
      name: 'names nobody in an empty store',
      check() {
        for (const capacity of [0, 1, Number.POSITIVE_INFINITY]) {
          const policy = make(capacity, 'bytes');
          assert.equal(policy.evict(true), NO_SLOT);
          assert.equal(policy.evict(false), NO_SLOT);
        }
      },
    },
    {
      name: 'never names what was removed, in whatever order, and takes the slot again',
      check() {
        const random = numbersFrom(4);
        const books = new Bookkeeper(make, 1_000, 'entries');
        for (let round = 0; round < 20; round++) {
          for (let key = 0; key < 60; key++) books.insert(hashOf(key), 1);
          for (let known = books.known; known.length > 0; known = books.known) {
            const one = known[random(known.length)];
            if (one !== undefined) books.remove(one);
          }
          assert.equal(books.policy.evict(true), NO_SLOT);
        }
      },
    },
    {
      name: 'evict(true) names whom victim() promised, and asking changes nothing',
      check() {
        const asked = new Bookkeeper(make, 30, 'entries');
        const unasked = new Bookkeeper(make, 30, 'entries');
        live(asked, 1_000, 5, 1);
        live(unasked, 1_000, 5, 1);
        for (let turn = 0; turn <= 30; turn++) {
          const promised = asked.policy.victim?.();
          const left = asked.policy.evict(true);
          if (promised !== undefined) assert.equal(left, promised);
          assert.equal(left, unasked.policy.evict(true));
        }
        assert.equal(asked.policy.evict(true), NO_SLOT);
      },
    },
    {
      name: 'does without being told the unit of weights',
      check() {
        const policy = make(3);
        for (let slot = 0; slot < 3; slot++) {
          policy.insert(slot, hashOf(slot), 1);
          for (let turn = 0; turn <= slot && policy.evict(false) !== NO_SLOT; turn++);
        }
        policy.touch(1);
      },
    },
  ];
}
