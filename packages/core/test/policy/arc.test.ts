import { describe, expect, it } from 'vitest';
import { arc } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';

/** Figure 4 of the paper, with weights for counts. Lists are LRU first. */
class SlowArc implements SlowPolicy {
  t1: Weighed[] = [];
  t2: Weighed[] = [];
  b1: Weighed[] = [];
  b2: Weighed[] = [];
  p = 0;
  readonly #c: number;

  constructor(capacity: number) {
    this.#c = capacity;
  }

  get keys(): readonly string[] {
    return [...this.t1, ...this.t2].map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const known = [...this.t1, ...this.t2].find((one) => one.key === key);
    if (known !== undefined) {
      this.remove(key);
      this.t2.push(known);
      return [];
    }
    const inB1 = this.b1.some((one) => one.key === key);
    const inB2 = this.b2.some((one) => one.key === key);
    if (inB1) this.p = Math.min(this.#c, this.p + weight * Math.max(1, weightOf(this.b2) / weightOf(this.b1)));
    if (inB2) this.p = Math.max(0, this.p - weight * Math.max(1, weightOf(this.b1) / weightOf(this.b2)));
    this.b1 = without(this.b1, key);
    this.b2 = without(this.b2, key);

    const isNew = !inB1 && !inB2;
    const newcomer = { key, weight };
    this.#trim(isNew ? weight : 0, weight);
    const left: string[] = [];
    while (this.keys.length > 0 && weightOf([...this.t1, ...this.t2]) + weight > this.#c) {
      left.push(this.#replace(inB2));
      this.#trim(isNew ? weight : 0, weight);
    }
    if (weight <= this.#c) (isNew ? this.t1 : this.t2).push(newcomer);
    else {
      left.push(key);
      (isNew ? this.b1 : this.b2).push(newcomer);
      this.#trim(0, 0);
    }
    return left;
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of [...this.t1, ...this.t2]) if (one.key === key) one.weight = weight;
    const left: string[] = [];
    while (weightOf([...this.t1, ...this.t2]) > this.#c) {
      left.push(this.#replace(false));
      this.#trim(0, 0);
    }
    return left;
  }

  remove(key: string): void {
    this.t1 = without(this.t1, key);
    this.t2 = without(this.t2, key);
  }

  #replace(inB2: boolean): string {
    const recent = weightOf(this.t1);
    const fromT1 = this.t2.length === 0 || (this.t1.length > 0 && (recent > this.p || (inB2 && recent === this.p)));
    const [victim = { key: '', weight: 0 }] = (fromT1 ? this.t1 : this.t2).splice(0, 1);
    (fromT1 ? this.b1 : this.b2).push(victim);
    return victim.key;
  }

  /** Case IV: L1 weighs at most c, L1 and L2 at most 2c, with what is about to enter. */
  #trim(intoT1: number, weight: number): void {
    while (this.b1.length > 0 && weightOf([...this.t1, ...this.b1]) + intoT1 > this.#c) this.b1.shift();
    while (
      this.b1.length + this.b2.length > 0 &&
      weightOf([...this.t1, ...this.t2, ...this.b1, ...this.b2]) + weight > 2 * this.#c
    )
      (this.b2.length > 0 ? this.b2 : this.b1).shift();
  }
}

describe('arc', () => {
  it('evicts exactly whom the four lists of the paper would', () => {
    compareWithModel(arc(), (capacity) => new SlowArc(capacity));
  });

  it('keeps what was asked for twice through a scan', () => {
    const store = new PolicyStore(arc(), 10);
    for (let round = 0; round < 2; round++) for (let i = 0; i < 9; i++) store.ask(`twice ${i}`);
    for (let i = 0; i < 1_000; i++) store.ask(`once ${i}`);
    expect(store.keys.filter((key) => key.startsWith('twice'))).toHaveLength(9);
  });

  it('lets go of what was popular once when recent keys keep coming back as ghosts', () => {
    const store = new PolicyStore(arc(), 10);
    for (let i = 0; i < 200; i++) store.ask(`old ${i % 9}`);
    for (let i = 0; i < 400; i++) store.ask(`new ${i % 10}`);
    expect(store.keys.filter((key) => key.startsWith('new'))).toHaveLength(10);
  });
});
