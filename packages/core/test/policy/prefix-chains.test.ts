import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { lru, prefixChains } from '../../src/index.ts';
import { BEGINS, OLD, ReturnRates } from '../../src/policy/return-rates.ts';
import { chat } from '../support/chat.ts';
import { hitRatio, PolicyStore } from '../support/policy-store.ts';
import { compareWithModel, type SlowPolicy } from '../support/slow-policy.ts';
import { loop, zipf } from '../support/traces.ts';

const KINDS = ['last', 'fresh', 'grown', 'twice', 'often'];

interface Block {
  readonly key: string;
  weight: number;
  isHeld: boolean;
  /** When it entered the past; undefined in the run that is not over, and once it is too old. */
  at: number | undefined;
  kind: string;
  span: number;
  uses: number;
  parent: string | undefined;
  filed: number;
}

/** Every block that is remembered in one array, ages by subtraction, a search for each question. Learns as the policy does. */
class SlowChains implements SlowPolicy {
  blocks: Block[] = [];
  readonly #rates = new ReturnRates(KINDS.length);
  readonly #capacity: number;
  #run: Block[] = [];
  #previous: string | undefined;
  #time = 0;
  #filed = 0;
  #spans = 13;
  #lesson = 0;
  #season = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rates.weigh(this.#spans);
  }

  get held(): Block[] {
    return this.blocks.filter((one) => one.isHeld);
  }

  get keys(): readonly string[] {
    const rank = new Map([...this.#rates.order].map((cell, at) => [cell, at]));
    const rankOf = (one: Block) => rank.get(KINDS.indexOf(one.kind) * BEGINS.length + one.span) ?? Number.NaN;
    return this.held.sort((a, b) => rankOf(a) - rankOf(b) || a.filed - b.filed).map((one) => one.key);
  }

  ask(key: string, weight: number): readonly string[] {
    let known = this.blocks.find((one) => one.key === key);
    const begins =
      known !== undefined &&
      (known.parent === undefined || known.parent !== this.#previous || this.#run.includes(known));
    if (begins) this.#settle();
    known = this.blocks.find((one) => one.key === key);
    const block = known ?? {
      key,
      weight,
      isHeld: false,
      at: undefined,
      kind: '',
      span: 0,
      uses: 0,
      parent: begins ? undefined : this.#previous,
      filed: 0,
    };
    if (known === undefined) this.blocks.push(block);
    if (begins) block.parent = undefined;
    if (block.at !== undefined) this.#rates.return(KINDS.indexOf(block.kind), block.span);
    if (!block.isHeld) block.weight = weight;
    block.isHeld = true;
    block.at = undefined;
    if (this.#spans < 33 && 16 * this.held.length > (BEGINS[this.#spans] ?? 0)) this.#spans++;
    block.uses = Math.min(255, block.uses + 1);
    this.#file(block, block.uses === 1 ? 'fresh' : block.uses === 2 ? 'twice' : 'often', 0);
    this.#run.push(block);
    this.#previous = key;
    if (this.#run.length === 1024) this.#settle();
    return this.#makeRoom();
  }

  resize(key: string, weight: number): readonly string[] {
    for (const one of this.held) if (one.key === key) one.weight = weight;
    return this.#makeRoom();
  }

  remove(key: string): void {
    for (const one of this.blocks) if (one.key === key) one.isHeld = false;
    this.#drop((one) => !one.isHeld && one.at === undefined && !this.#run.includes(one));
  }

  #makeRoom(): string[] {
    const left: string[] = [];
    while (this.held.reduce((sum, one) => sum + one.weight, 0) > this.#capacity) {
      const [key = ''] = this.keys;
      left.push(key);
      this.remove(key);
    }
    return left;
  }

  #settle(): void {
    const run = this.#run;
    const tail = run.length - 1 - run.findLastIndex((one) => one.uses > 1);
    this.#run = [];
    for (const [place, one] of [...run.entries()].reverse()) {
      if (place === run.length - 1 && tail > 0) one.kind = 'last';
      else if (place >= run.length - tail) one.kind = tail < run.length - tail ? 'grown' : 'fresh';
      this.#file(one, one.kind, 0);
      this.#rates.enter(KINDS.indexOf(one.kind), 0);
      this.#time++;
      this.#age();
      one.at = this.#time;
    }
    this.#lesson += run.length;
    this.#season += run.length;
    if (this.#lesson < Math.max(256, this.held.length / 2)) return;
    this.#lesson = 0;
    this.#rates.weigh(this.#spans);
    if (this.#season < (BEGINS[this.#spans] ?? 0)) return;
    this.#season = 0;
    this.#rates.fade();
  }

  #age(): void {
    for (const one of this.blocks) {
      if (one.at === undefined) continue;
      const age = this.#time - one.at;
      const span = BEGINS.findLastIndex((begin) => begin <= age);
      if (span === one.span) continue;
      this.#rates.survive(KINDS.indexOf(one.kind), one.span);
      if (age === BEGINS[this.#spans]) one.at = undefined;
      else this.#rates.enter(KINDS.indexOf(one.kind), span);
      this.#file(one, one.kind, one.at === undefined ? OLD : span);
    }
    this.#drop((one) => !one.isHeld && one.span === OLD);
  }

  #file(one: Block, kind: string, span: number): void {
    Object.assign(one, { kind, span, filed: ++this.#filed });
  }

  #drop(isGone: (one: Block) => boolean): void {
    this.blocks = this.blocks.filter((one) => !isGone(one));
  }
}

describe('prefixChains', () => {
  it('evicts exactly whom a list of all blocks with their ages would name, for any requests, weights and removals', () => {
    compareWithModel(prefixChains(), (capacity) => new SlowChains(capacity));
  });

  it.each([1, 30, 150])('evicts as that list does through hundreds of prompts, when %i blocks are held', (capacity) => {
    const store = new PolicyStore(prefixChains(), capacity);
    const slow = new SlowChains(capacity);
    for (const key of chat(200, 1)) {
      const left: string[] = [];
      store.ask(key, 1, (gone) => left.push(gone));
      assert.deepEqual(left, slow.ask(key, 1));
    }
    assert.deepEqual(store.visited, slow.keys);
  });

  it('evicts as that list does through a scan that is longer than any prompt', () => {
    const store = new PolicyStore(prefixChains(), 90);
    const slow = new SlowChains(90);
    for (const key of [...loop(1_500, 1_500), ...loop(1_200, 1_100), ...loop(300, 70)]) {
      const left: string[] = [];
      store.ask(key, 1, (gone) => left.push(gone));
      assert.deepEqual(left, slow.ask(key, 1));
    }
  });

  it('lets the leaf of a chain go before what it hangs on', () => {
    const store = new PolicyStore(prefixChains(), 40);
    const ask = (prompt: string, blocks: number) => {
      store.ask('system');
      for (let i = 0; i < blocks; i++) store.ask(`${prompt} ${i}`);
    };
    ask('a', 8);
    ask('a', 8);
    for (let other = 0; store.has('a 7'); other++) ask(`other ${other}`, 6);
    expect(store.has('a 0')).toBe(true);
  });

  // Measured once, and the same in every run; LRU beside it says what kind of traffic this is.
  it.each([
    { capacity: 500, chains: 13.8, recency: 7.4 },
    { capacity: 1_500, chains: 25.9, recency: 25.2 },
    { capacity: 6_000, chains: 35, recency: 35.2 },
  ])(
    'hits $chains % of the blocks of a chat with room for $capacity, where LRU hits $recency %',
    ({ capacity, chains, recency }) => {
      const trace = [...chat(6_000, 2)];
      expect(Math.abs(100 * hitRatio(prefixChains(), capacity, trace) - chains)).toBeLessThan(0.3);
      expect(Math.abs(100 * hitRatio(lru(), capacity, trace) - recency)).toBeLessThan(0.3);
    },
  );

  it('does better than LRU where there are no chains', () => {
    const trace = [...zipf(50_000, 5_000, 0.9, 1)];
    expect(100 * hitRatio(prefixChains(), 200, trace)).toBeGreaterThan(100 * hitRatio(lru(), 200, trace) + 5);
  });

  it('keeps entries of one hash apart, whoever is asked for and leaves', () => {
    const policy = prefixChains()(8, 'entries');
    const held = new Set<number>();
    const fill = (slot: number, hash: number) => {
      policy.insert(slot, hash, 1);
      held.add(slot);
    };
    for (let round = 0; round < 500; round++) {
      for (let slot = 0; slot < 8; slot++) if (!held.has(slot)) fill(slot, round % 3 === 0 ? 7 : round);
      for (const slot of held) for (let turn = 0; turn < 3; turn++) policy.touch(slot);
      const order: number[] = [];
      policy.forEach?.((slot) => order.push(slot));
      expect(order.toSorted((a, b) => a - b)).toEqual([...held].toSorted((a, b) => a - b));
      for (const slot of order.slice(0, 1 + (round % 4))) {
        expect(policy.evict(true)).toBe(slot);
        held.delete(slot);
      }
    }
  });

  it('takes any number of entries where there is no bound', () => {
    const store = new PolicyStore(prefixChains(), Number.POSITIVE_INFINITY);
    for (const key of loop(20_000, 10_000)) store.ask(key);
    expect(store.size).toBe(10_000);
  });
});
