/*
 * Prefix chains: blocks that are only asked for in a row.
 *
 * Problem: an LLM server keeps the attention state of prompts in blocks, each named by a hash of all that stands before it, and a request asks
 * for its blocks from the first to the last. Most prompts never come back; a conversation does, longer by an answer and a question, after its
 * user has read and typed, when thousands of other blocks have passed. LRU has dropped it by then, unless it holds them all; frequency comes
 * too late, since a block is asked for as often as its conversation has turns.
 * Idea: find the requests again in the order of touches and inserts. A block has one predecessor for ever, so a run ends where a known block
 * comes after another one. A run tells of its blocks what they cannot tell themselves: its last one is seldom whole, and is lost as soon as the
 * conversation goes on; the other new ones are the beginning of something, or carry on more than they add. With blocks seen twice and more
 * often that makes five kinds. `ReturnRates` learns for each kind after how many requests its blocks come back, if ever, also of those that
 * were evicted: they stay behind as ghosts for sixteen times as many requests as there are blocks. Whose room is worth least leaves: that
 * refuses new runs as long as what is held is nearer to its likely return, and lets them in once its moment has passed.
 * The past is a ring of requests. Hands follow the newest at the ages where spans begin, and move whoever they pass into the list of that kind
 * and span, so that the least is the head of the first list with anybody. A run enters the past when it is over, last block first: of equals
 * the leaf goes before what it hangs on.
 * Cost: O(1) amortised, with a constant: up to 33 hands a request, each at a random place of the past, and up to 170 list heads an eviction,
 * 1 to 3 µs. 23 bytes a slot, and for each slot up to sixteen ghosts of 32 to 36 bytes and 64 to 128 bytes of past; the past ends at 2^20
 * requests, which is at most 50 MB.
 * Does not: see through requests that take turns block by block, or weigh sizes (blocks have one). For traffic without chains it is a policy of
 * frequency and age; `adaptive()` is cheaper and better there.
 * Papers: Kwon et al. 2023, "Efficient memory management for large language model serving with PagedAttention", section 4 (blocks named by
 * their prefix, LRU over requests, last block first); Zheng et al. 2024, "SGLang", section 3 (RadixAttention: leaves first); Qin et al. 2025,
 * "Mooncake", section 4 (traces; LRU, LFU and length compared); Beckmann, Chen and Cidon 2018, LHD.
 */
import { BlockNotes, MOST_USES } from './block-notes.ts';
import { Ghosts, NO_GHOST } from './ghosts.ts';
import { Hashes } from './hashes.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { BEGINS, cellOf, OLD, ReturnRates } from './return-rates.ts';
import { SlotLists } from './slot-lists.ts';

/** Ages are followed up to so many requests a block: nine of ten blocks of the recorded chat that return do so within 45,000, held in 3,000. */
const REMEMBERED = 16;
/** 1,024 requests: caches of fewer than 64 blocks would learn too little. */
const LEAST_SPANS = 13;
/** A prompt of half a million tokens, in blocks of 512. What is longer is cut. */
const LONGEST_RUN = 1_024;
/** Requests before rates are weighed again, at least. */
const LEAST_LESSON = 256;

const LAST = 0;
const FRESH = 1;
const GROWN = 2;
const TWICE = 3;
const OFTEN = 4;
const KINDS = 5;

/** Nobody comes before it. A hash of 0 is taken for it once in 2^32. */
const NO_PARENT = 0;
/** Where nobody stands, or no longer. */
const NOBODY = 0;
/** The place of one that is older than the past. */
const NOWHERE = 2 ** 31 - 1;

/** For the blocks of an LLM server's prefix cache, looked up from the first of a prompt to the last. */
export function prefixChains(): PolicyFactory {
  return (_capacity, _unit, hashOf) => new PrefixChains(hashOf);
}

/** A resident is known as slot + 1, a ghost as -(ghost + 1). */
class PrefixChains implements Policy {
  readonly name = 'prefix-chains';
  readonly #lists = new SlotLists(cellOf(KINDS, 0));
  readonly #rates = new ReturnRates(KINDS);
  readonly #ghosts = new Ghosts(1, 'entries');
  readonly #hashes: Hashes;
  readonly #held = new BlockNotes();
  readonly #gone = new BlockNotes();
  readonly #run: Int32Array = new Int32Array(LONGEST_RUN);
  #runLength = 0;
  #past: Int32Array = new Int32Array(2 * (BEGINS[LEAST_SPANS] as number));
  #spans = LEAST_SPANS;
  #now = 0;
  #previous = NO_PARENT;
  #size = 0;
  #lesson = 0;
  #season = 0;

  constructor(hashOf: HashOf | undefined) {
    this.#hashes = new Hashes(hashOf);
    this.#rates.weigh(this.#spans);
  }

  insert(slot: Slot, hash: number, _weight: number): void {
    this.#held.reach(slot);
    this.#hashes.keep(slot, hash);
    const known = this.#ghosts.find(hash);
    const begins = known !== NO_GHOST && this.#begins(this.#gone, known);
    if (begins) this.#settle();
    const ghost = begins ? this.#ghosts.find(hash) : known;
    if (ghost === NO_GHOST) {
      this.#held.uses[slot] = 0;
      this.#held.parent[slot] = begins ? NO_PARENT : this.#previous;
    } else {
      this.#return(this.#gone, ghost);
      this.#gone.copy(ghost, this.#held, slot);
      this.#ghosts.drop(ghost);
      if (begins) this.#held.parent[slot] = NO_PARENT;
    }
    this.#lists.push(cellOf(FRESH, 0), slot);
    this.#size++;
    if (this.#spans < OLD && REMEMBERED * this.#size > (BEGINS[this.#spans] as number)) this.#remember();
    this.#join(slot, hash | 0);
  }

  touch(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    if (this.#begins(this.#held, slot)) {
      this.#settle();
      this.#held.parent[slot] = NO_PARENT;
    }
    this.#return(this.#held, slot);
    this.#join(slot, this.#hashes.of(slot) | 0);
  }

  resize(): void {}

  remove(slot: Slot): void {
    if (!this.#lists.has(slot)) return;
    this.#lists.unlink(slot);
    this.#size--;
    const place = this.#held.place[slot] as number;
    if (place === NOWHERE) return;
    const hash = this.#hashes.of(slot);
    const same = this.#ghosts.find(hash);
    if (same !== NO_GHOST) this.#write(this.#gone.place[same] as number, NOBODY);
    const ghost = this.#ghosts.add(0, hash, 1);
    this.#held.copy(slot, this.#gone, ghost);
    this.#write(place, -(ghost + 1));
  }

  victim(): Slot {
    const { order } = this.#rates;
    for (let at = 0; at < order.length; at++) {
      const slot = this.#lists.first(order[at] as number);
      if (slot !== NO_SLOT) return slot;
    }
    return NO_SLOT;
  }

  evict(roomNeeded: boolean): Slot {
    const slot = roomNeeded ? this.victim() : NO_SLOT;
    if (slot !== NO_SLOT) this.remove(slot);
    return slot;
  }

  forEach(visit: (slot: Slot) => void): void {
    for (const cell of this.#rates.order) this.#lists.forEach(cell, visit);
  }

  /** A known block begins a run unless the one that always comes before it has just been. One that is in the run already does as well. */
  #begins(notes: BlockNotes, at: number): boolean {
    const parent = notes.parent[at] as number;
    return parent === NO_PARENT || parent !== this.#previous || (notes.place[at] as number) < 0;
  }

  /** It is asked for again, and leaves its place in the past. */
  #return(notes: BlockNotes, at: number): void {
    const place = notes.place[at] as number;
    if (place === NOWHERE) return;
    this.#rates.return(notes.kind[at] as number, notes.span[at] as number);
    this.#write(place, NOBODY);
  }

  #join(slot: Slot, hash: number): void {
    const uses = Math.min(MOST_USES, (this.#held.uses[slot] as number) + 1);
    const kind = uses === 1 ? FRESH : uses === 2 ? TWICE : OFTEN;
    this.#held.uses[slot] = uses;
    this.#held.place[slot] = ~this.#runLength;
    this.#file(slot, kind, 0);
    this.#run[this.#runLength++] = slot + 1;
    this.#previous = hash;
    if (this.#runLength === LONGEST_RUN) this.#settle();
  }

  /** The run is over: its new blocks learn what they are, and all enter the past. */
  #settle(): void {
    const length = this.#runLength;
    let known = length;
    while (known > 0 && this.#usesOf(this.#run[known - 1] as number) === 1) known--;
    const kind = length - known < known ? GROWN : FRESH;
    for (let at = length - 1; at >= 0; at--) {
      const one = this.#run[at] as number;
      if (one === NOBODY) this.#pass(NOBODY);
      else {
        const notes = this.#notesOf(one);
        const index = Math.abs(one) - 1;
        if (at >= known) notes.kind[index] = at === length - 1 ? LAST : kind;
        if (one > 0) this.#file(index, notes.kind[index] as number, 0);
        this.#rates.enter(notes.kind[index] as number, 0);
        notes.place[index] = this.#pass(one);
      }
    }
    this.#runLength = 0;
    this.#learn(length);
  }

  /** One more request of the past; returns its place. */
  #pass(one: number): number {
    const mask = this.#past.length - 1;
    this.#now = (this.#now + 1) & mask;
    for (let span = 1; span < this.#spans; span++) {
      const passed = this.#past[(this.#now - (BEGINS[span] as number)) & mask] as number;
      if (passed === NOBODY) continue;
      const notes = this.#notesOf(passed);
      const index = Math.abs(passed) - 1;
      const kind = notes.kind[index] as number;
      this.#rates.survive(kind, span - 1);
      this.#rates.enter(kind, span);
      if (passed > 0) this.#file(index, kind, span);
      else notes.span[index] = span;
    }
    const last = (this.#now - (BEGINS[this.#spans] as number)) & mask;
    this.#forget(this.#past[last] as number);
    this.#past[last] = NOBODY;
    this.#past[this.#now] = one;
    return this.#now;
  }

  /** It is older than is remembered. */
  #forget(one: number): void {
    if (one === NOBODY) return;
    const index = Math.abs(one) - 1;
    const kind = this.#notesOf(one).kind[index] as number;
    this.#rates.survive(kind, this.#spans - 1);
    if (one < 0) return this.#ghosts.drop(index);
    this.#held.place[index] = NOWHERE;
    this.#file(index, kind, OLD);
  }

  #file(slot: Slot, kind: number, span: number): void {
    this.#held.kind[slot] = kind;
    this.#held.span[slot] = span;
    this.#lists.move(cellOf(kind, span), slot);
  }

  #learn(requests: number): void {
    this.#lesson += requests;
    this.#season += requests;
    if (this.#lesson < Math.max(LEAST_LESSON, this.#size / 2)) return;
    this.#lesson = 0;
    this.#rates.weigh(this.#spans);
    if (this.#season < (BEGINS[this.#spans] as number)) return;
    this.#season = 0;
    this.#rates.fade();
  }

  /** There are more blocks now, and a longer past. */
  #remember(): void {
    this.#spans++;
    const past = this.#past;
    if ((BEGINS[this.#spans] as number) < past.length) return;
    const mask = past.length - 1;
    const longer = new Int32Array(2 * past.length);
    for (let age = 0; age < past.length; age++) {
      const one = past[(this.#now - age) & mask] as number;
      const place = (this.#now - age) & (longer.length - 1);
      longer[place] = one;
      if (one !== NOBODY) this.#notesOf(one).place[Math.abs(one) - 1] = place;
    }
    this.#past = longer;
  }

  #write(place: number, one: number): void {
    if (place < 0) this.#run[~place] = one;
    else this.#past[place] = one;
  }

  #usesOf(one: number): number {
    return one === NOBODY ? 1 : (this.#notesOf(one).uses[Math.abs(one) - 1] as number);
  }

  #notesOf(one: number): BlockNotes {
    return one > 0 ? this.#held : this.#gone;
  }
}
