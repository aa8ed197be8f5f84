/*
 * TinyLFU admission before any policy: θ is the victim's own P.
 *
 * Problem: a fixed θ has to be guessed; too high leaves room empty, too low lets everything in.
 * Idea: the right θ is what the newcomer would displace. While there is room everyone enters. When there is none, the newcomer is weighed
 * against whom the inner policy would evict: who was asked for more often in the recent past stays, a tie keeps the resident.
 * Cost: 8 bytes a slot and 8 bytes of sketch for each entry held; one estimate of each side when the store is full.
 * Does not: give newcomers time to prove themselves (`wTinyLfu` has a window for that).
 * Paper: Einziger, Friedman and Manes 2017, TinyLFU, section 3.
 */
import { invalidOption } from '../options.ts';
import { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy.ts';
import { Popularity } from './popularity.ts';

/** Throws INVALID_OPTION at construction of the store when `inner` cannot name a victim. */
export function admitAboveVictim(inner: PolicyFactory): PolicyFactory {
  return (capacity, unit, hashOf) => new AdmitAboveVictim(inner(capacity, unit, hashOf), hashOf);
}

class AdmitAboveVictim implements Policy {
  readonly name: string;
  readonly forEach?: (visit: (slot: Slot) => void) => void;
  readonly #inner: Policy;
  readonly #innerVictim: () => Slot;
  readonly #popularity: Popularity;
  #candidate: Slot = NO_SLOT;
  #candidateHash = 0;
  #candidateWeight = 0;
  #candidateCost: number | undefined;
  #candidateCount = 0;

  constructor(inner: Policy, hashOf: HashOf | undefined) {
    if (inner.victim === undefined)
      throw invalidOption("admitAbove('auto') inner", 'a policy that has victim()', inner.name);
    this.#inner = inner;
    this.#popularity = new Popularity(hashOf);
    this.#innerVictim = inner.victim.bind(inner);
    this.name = `admit-above-auto(${inner.name})`;
    if (inner.forEach === undefined) return;
    const forEachResident = inner.forEach.bind(inner);
    this.forEach = (visit) => {
      forEachResident(visit);
      if (this.#candidate !== NO_SLOT) visit(this.#candidate);
    };
  }

  insert(slot: Slot, hash: number, weight: number, cost?: number): void {
    this.#settle();
    this.#popularity.name(slot, hash);
    this.#candidate = slot;
    this.#candidateHash = hash;
    this.#candidateWeight = weight;
    this.#candidateCost = cost;
    this.#candidateCount = this.#popularity.of(slot);
    this.#popularity.count(slot);
  }

  touch(slot: Slot): void {
    this.#popularity.count(slot);
    if (slot !== this.#candidate) this.#inner.touch(slot);
  }

  resize(slot: Slot, weight: number, cost?: number): void {
    if (slot !== this.#candidate) return this.#inner.resize(slot, weight, cost);
    this.#candidateWeight = weight;
    this.#candidateCost = cost;
  }

  remove(slot: Slot): void {
    if (slot === this.#candidate) this.#candidate = NO_SLOT;
    else this.#inner.remove(slot);
  }

  victim(): Slot {
    const resident = this.#innerVictim();
    if (this.#candidate === NO_SLOT) return resident;
    return resident !== NO_SLOT && this.#candidateCount > this.#popularity.of(resident) ? resident : this.#candidate;
  }

  evict(roomNeeded: boolean): Slot {
    if (!roomNeeded) {
      this.#settle();
      return this.#inner.evict(false);
    }
    const slot = this.victim();
    if (slot === NO_SLOT || slot !== this.#candidate) return this.#inner.evict(true);
    this.#candidate = NO_SLOT;
    return slot;
  }

  /** There was room for the newcomer, or it won some. */
  #settle(): void {
    if (this.#candidate === NO_SLOT) return;
    this.#inner.insert(this.#candidate, this.#candidateHash, this.#candidateWeight, this.#candidateCost);
    this.#candidate = NO_SLOT;
  }
}
