import assert from 'node:assert/strict';
import { NO_SLOT, type Policy, type PolicyFactory, type Slot } from '../policy/policy.ts';
import type { Check } from './check.ts';

/** A store without keys or values: knows who is in, and holds the policy to its contract at every step. */
class Bookkeeper {
  readonly policy: Policy;
  readonly #capacity: number;
  readonly #weights = new Map<Slot, number>();
  readonly #free: Slot[] = [];
  #slots = 0;
  #used = 0;

  constructor(make: PolicyFactory, capacity: number, unit: 'bytes' | 'entries') {
    this.policy = make(capacity, unit);
    this.#capacity = capacity;
  }

  get known(): readonly Slot[] {
    return [...this.#weights.keys()];
  }

  insert(hash: number, weight: number): Slot {
    const slot = this.#free.pop() ?? this.#slots++;
    this.#weights.set(slot, weight);
    this.#used += weight;
    this.policy.insert(slot, hash, weight);
    for (;;) {
      const roomNeeded = this.#used > this.#capacity;
      const left = this.policy.evict(roomNeeded);
      if (left === NO_SLOT) {
        assert.ok(!roomNeeded, 'evict(true) must name someone while it knows anyone');
        return slot;
      }
      this.#forget(left);
    }
  }

  remove(slot: Slot): void {
    this.policy.remove(slot);
    this.#forget(slot);
  }

  /** Everybody leaves through evict(true). */
  drain(): void {
    for (let left = this.policy.evict(true); left !== NO_SLOT; left = this.policy.evict(true)) this.#forget(left);
    assert.equal(this.#weights.size, 0, 'evict(true) must name everyone before NO_SLOT');
  }

  #forget(slot: Slot): void {
    const weight = this.#weights.get(slot);
    assert.notEqual(weight, undefined, `slot ${slot} was named, but is not in the store`);
    this.#weights.delete(slot);
    this.#used -= weight ?? 0;
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
    const what = random(10);
    if (one === undefined || what < 4) books.insert(hashOf(random(200)), 1 + random(heaviest));
    else if (what < 9) books.policy.touch(one);
    else books.remove(one);
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
      name: 'works in a store of one entry',
      check() {
        const books = new Bookkeeper(make, 1, 'entries');
        live(books, 500, 3, 1);
        books.drain();
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
