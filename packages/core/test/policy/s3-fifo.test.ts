import { describe, expect, it } from 'vitest';
import { s3Fifo } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';

interface Counted extends Weighed {
  freq: number;
}

/** Algorithm 1 of the paper: room is made first, then the object enters M when its ghost is in G, else S. */
class SlowS3Fifo implements SlowPolicy {
  small: Counted[] = [];
  main: Counted[] = [];
  ghosts: Weighed[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get keys(): readonly string[] {
    return [...this.small, ...this.main].map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const known = [...this.small, ...this.main].find((one) => one.key === key);
    if (known !== undefined) {
      known.freq = Math.min(3, known.freq + 1);
      return [];
    }
    const wasGhost = this.ghosts.some((one) => one.key === key);
    this.ghosts = without(this.ghosts, key);
    const left = this.#makeRoom(weight);
    if (weight <= this.#capacity) (wasGhost ? this.main : this.small).push({ key, weight, freq: 0 });
    else {
      left.push(key);
      if (!wasGhost) this.#haunt({ key, weight });
    }
    return left;
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of [...this.small, ...this.main]) if (one.key === key) one.weight = weight;
    return this.#makeRoom(0);
  }

  remove(key: string): void {
    this.small = without(this.small, key);
    this.main = without(this.main, key);
  }

  #makeRoom(weight: number): string[] {
    const left: string[] = [];
    while (this.keys.length > 0 && weightOf([...this.small, ...this.main]) + weight > this.#capacity) {
      const one =
        this.small.length > 0 && (this.main.length === 0 || weightOf(this.small) >= this.#capacity * 0.1)
          ? this.#evictSmall()
          : this.#evictMain();
      if (one !== undefined) left.push(one.key);
    }
    return left;
  }

  #evictSmall(): Weighed | undefined {
    const [oldest] = this.small.splice(0, 1);
    if (oldest === undefined) return undefined;
    if (oldest.freq > 1) {
      this.main.push({ ...oldest, freq: 0 });
      return undefined;
    }
    this.#haunt(oldest);
    return oldest;
  }

  #evictMain(): Weighed | undefined {
    const [oldest] = this.main.splice(0, 1);
    if (oldest === undefined || oldest.freq === 0) return oldest;
    this.main.push({ ...oldest, freq: oldest.freq - 1 });
    return undefined;
  }

  #haunt(one: Weighed): void {
    const room = this.#capacity * 0.9;
    if (one.weight > room) return;
    this.ghosts = [...without(this.ghosts, one.key), one];
    while (weightOf(this.ghosts) > room) this.ghosts.shift();
  }
}

describe('s3Fifo', () => {
  it('evicts exactly whom three queues would', () => {
    compareWithModel(s3Fifo(), (capacity) => new SlowS3Fifo(capacity));
  });

  it('lets one-hit wonders through a tenth of its room', () => {
    const store = new PolicyStore(s3Fifo(), 20);
    for (let round = 0; round < 3; round++) for (let i = 0; i < 18; i++) store.ask(`hot ${i}`);
    for (let i = 0; i < 1_000; i++) store.ask(`once ${i}`);
    expect(store.keys.filter((key) => key.startsWith('hot'))).toHaveLength(18);
  });

  it('takes a key that comes back while its ghost is here into the main queue', () => {
    const store = new PolicyStore(s3Fifo(), 10);
    for (let round = 0; round < 3; round++) for (let i = 0; i < 9; i++) store.ask(`hot ${i}`);
    for (const key of ['back', 'once 0', 'once 1', 'back']) store.ask(key);
    for (let i = 2; i < 8; i++) store.ask(`once ${i}`);
    expect(store.has('back')).toBe(true);
  });
});
