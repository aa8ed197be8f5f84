import { describe, expect, it } from 'vitest';
import { lirs } from '../../src/index.ts';
import { hitRatio, PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy, type Weighed, weightOf, without } from '../support/slow-policy.ts';
import { loop } from '../support/traces.ts';

interface Block extends Weighed {
  kind: 'lir' | 'hir' | 'ghost';
}

/** The stack S and the queue Q of the paper, both oldest first, with weights for counts. */
class SlowLirs implements SlowPolicy {
  stack: Block[] = [];
  queue: Block[] = [];
  readonly #capacity: number;
  readonly #lirRoom: number;
  #isFilling = true;

  constructor(capacity: number, unit: 'bytes' | 'entries') {
    this.#capacity = capacity;
    this.#lirRoom = unit === 'entries' ? Math.min(capacity - 1, capacity * 0.99) : capacity * 0.99;
  }

  get lirs(): Block[] {
    return this.stack.filter((one) => one.kind === 'lir');
  }

  get residents(): Block[] {
    return [...this.queue, ...this.lirs];
  }

  get keys(): readonly string[] {
    return this.residents.map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    const inStack = this.stack.find((one) => one.key === key);
    const known = this.residents.find((one) => one.key === key);
    const block = known ?? { key, weight, kind: 'hir' as const };
    this.stack = [...without(this.stack, key), block];
    this.queue = without(this.queue, key);
    const fits = this.#isFilling && weightOf(this.lirs) + weight <= this.#lirRoom;
    if (known === undefined ? inStack !== undefined || fits : inStack !== undefined) block.kind = 'lir';
    if (block.kind === 'hir') this.queue.push(block);
    this.#settle();
    return this.#makeRoom();
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of this.residents) if (one.key === key) one.weight = weight;
    this.#settle();
    return this.#makeRoom();
  }

  remove(key: string): void {
    if (!this.keys.includes(key)) return;
    this.stack = without(this.stack, key);
    this.queue = without(this.queue, key);
    if (this.keys.length === 0) this.#isFilling = true;
    this.#settle();
  }

  #settle(): void {
    this.#prune();
    while (weightOf(this.lirs) > this.#lirRoom) {
      const [lowest] = this.lirs;
      if (lowest === undefined) break;
      this.stack = without(this.stack, lowest.key);
      lowest.kind = 'hir';
      this.queue.push(lowest);
      this.#prune();
    }
  }

  /** The lowest of the stack is LIR. Where none is left there is nothing to compare with. */
  #prune(): void {
    if (this.lirs.length === 0) return;
    while (this.stack[0]?.kind !== 'lir') this.stack.shift();
  }

  #makeRoom(): string[] {
    const left: string[] = [];
    while (weightOf(this.residents) > this.#capacity) {
      const [victim] = this.residents;
      if (victim === undefined) break;
      const wasHir = victim.kind === 'hir';
      const at = this.stack.indexOf(victim);
      const ghost: Block = { key: victim.key, weight: victim.weight, kind: 'ghost' };
      if (wasHir && at >= 0 && victim.weight <= 2 * this.#capacity) this.stack[at] = ghost;
      this.remove(victim.key === ghost.key && this.stack[at] === ghost ? '' : victim.key);
      this.queue = without(this.queue, victim.key);
      this.#isFilling = false;
      left.push(victim.key);
      this.#boundGhosts();
    }
    return left;
  }

  #boundGhosts(): void {
    const ghosts = () => this.stack.filter((one) => one.kind === 'ghost');
    while (weightOf(ghosts()) > 2 * this.#capacity) this.stack = without(this.stack, ghosts()[0]?.key ?? '');
  }
}

describe('lirs', () => {
  it('evicts exactly whom the stack and the queue of the paper would', () => {
    compareWithModel(lirs(), (capacity, unit) => new SlowLirs(capacity, unit));
  });

  it('keeps what fits of a loop over more than fits', () => {
    expect(hitRatio(lirs(), 50, loop(20_000, 100))).toBeGreaterThan(0.48);
  });

  it('takes a newcomer for good when it returns sooner than what is kept', () => {
    const store = new PolicyStore(lirs(), 10);
    for (let i = 0; i < 10; i++) store.ask(`old ${i}`);
    for (const key of ['new', 'other', 'new', 'third', 'fourth']) store.ask(key);
    expect(store.has('new')).toBe(true);
    expect(store.has('other')).toBe(false);
  });

  it('is filled anew with whoever comes after it was emptied', () => {
    const store = new PolicyStore(lirs(), 10);
    for (let i = 0; i < 30; i++) store.ask(`old ${i}`);
    for (const key of store.keys) store.remove(key);
    for (let i = 0; i < 9; i++) store.ask(`new ${i}`);
    for (let i = 0; i < 50; i++) store.ask(`scan ${i}`);
    expect(store.keys.filter((key) => key.startsWith('new'))).toHaveLength(9);
  });
});
