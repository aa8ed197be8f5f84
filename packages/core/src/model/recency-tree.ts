/*
 * How much weight was asked for since an entry was: its stack distance.
 *
 * Problem: the distance is the sum of the weights of all entries that were asked for later, and each request changes the order.
 * Idea: each request takes the next place on a line of a quarter more places than there are entries; a Fenwick tree sums weights over places.
 * When the line is used up, the entries move to its beginning in their order.
 * Cost: O(log n) a request and 18 bytes an entry; closing up is O(n) once in n / 4 requests.
 * Does not: keep weights more exactly than a 32-bit float does, one part in sixteen million.
 * Papers: Fenwick 1994, "A new data structure for cumulative frequency tables"; Bennett and Kruskal 1975, "LRU stack processing".
 */
const NOBODY = 0xffff;

/** Entries are numbers below `entries`, a multiple of 4, at most 50,000. */
export class RecencyTree {
  readonly #places: number;
  readonly #placeOf: Uint16Array;
  readonly #entryAt: Uint16Array;
  readonly #weightOf: Float32Array;
  readonly #sums: Float64Array;
  #next = 0;
  #total = 0;

  constructor(entries: number) {
    this.#places = 1.25 * entries;
    this.#placeOf = new Uint16Array(entries).fill(NOBODY);
    this.#entryAt = new Uint16Array(this.#places).fill(NOBODY);
    this.#weightOf = new Float32Array(entries);
    this.#sums = new Float64Array(this.#places + 1);
  }

  has(entry: number): boolean {
    return this.#placeOf[entry] !== NOBODY;
  }

  weightOf(entry: number): number {
    return this.#weightOf[entry] as number;
  }

  /** The sum of the weights of who was asked for after `entry`, which is there. */
  distance(entry: number): number {
    const place = this.#placeOf[entry] as number;
    if (place === this.#next - 1) return 0;
    let older = 0;
    for (let at = place + 1; at > 0; at &= at - 1) older += this.#sums[at] as number;
    return Math.max(0, this.#total - older);
  }

  /** Makes `entry` the newest, with `weight`. */
  renew(entry: number, weight: number): void {
    this.remove(entry);
    if (this.#next === this.#places) this.#closeUp();
    const place = this.#next++;
    this.#weightOf[entry] = weight;
    this.#placeOf[entry] = place;
    this.#entryAt[place] = entry;
    this.#add(place, this.#weightOf[entry] as number);
  }

  remove(entry: number): void {
    const place = this.#placeOf[entry] as number;
    if (place === NOBODY) return;
    this.#placeOf[entry] = NOBODY;
    this.#entryAt[place] = NOBODY;
    this.#add(place, -(this.#weightOf[entry] as number));
  }

  /** {@link remove}, and weighs nothing from then on. */
  drop(entry: number): void {
    this.remove(entry);
    this.#weightOf[entry] = 0;
  }

  #add(place: number, weight: number): void {
    this.#total += weight;
    for (let at = place + 1; at <= this.#places; at += at & -at) this.#sums[at] = (this.#sums[at] as number) + weight;
  }

  #closeUp(): void {
    const sums = this.#sums.fill(0);
    let next = 0;
    for (let place = 0; place < this.#places; place++) {
      const entry = this.#entryAt[place] as number;
      if (entry === NOBODY) continue;
      this.#entryAt[place] = NOBODY;
      this.#entryAt[next] = entry;
      this.#placeOf[entry] = next++;
      sums[next] = this.#weightOf[entry] as number;
    }
    for (let at = 1; at <= this.#places; at++) {
      const above = at + (at & -at);
      if (above <= this.#places) sums[above] = (sums[above] as number) + (sums[at] as number);
    }
    this.#next = next;
  }
}
