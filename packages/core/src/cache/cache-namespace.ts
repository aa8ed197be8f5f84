import { type Entry, freshness } from '../entry.ts';
import type { Loader, LoadOptions, Namespace, Resolution, WriteOptions } from '../namespace.ts';
import { invalidOption } from '../options.ts';
import type { Space } from '../store.ts';
import type { Budget } from '../tier/budget.ts';
import type { Engine, Found } from './engine.ts';
import type { Arrival, Flight } from './flights.ts';
import { loadLeased } from './lease-step.ts';
import { fallBack, makeEntry } from './load.ts';
import { locate, type Place } from './places.ts';
import { applyOptions, LOAD_OPTIONS, type Rules, tagsOf, ttlOf, WRITE_OPTIONS } from './rules.ts';

/** What a flight is for. */
interface FlightPlan<V> {
  readonly load: Loader<V>;
  readonly rules: Rules<V>;
  /** What is there already; only something fresher ends the flight without a load. */
  readonly known: Entry<V> | undefined;
  readonly isBehind: boolean;
}

/** -ln(random) exceeds it once in half a billion draws: most hits are spared the draw. */
const MOST_DRAWN = 20;

export class CacheNamespace<V> implements Namespace<V> {
  readonly name: string;
  readonly #engine: Engine;
  readonly #space: Space;
  readonly #rules: Rules<V>;
  /** Times its cost, an entry must stay fresh for longer than that to be surely not due for a refresh ahead. */
  readonly #margin: number;

  /** `space`: see Places. */
  constructor(name: string, engine: Engine, space: Space, rules: Rules<V>) {
    this.name = name;
    this.#engine = engine;
    this.#space = space;
    this.#rules = rules;
    this.#margin = engine.settings.refreshAhead * MOST_DRAWN;
  }

  getSync(key: string): V | undefined {
    const value = this.#glance(key, 0);
    if (value !== undefined) return value;
    const place = this.#locate(key);
    const near = this.#readNear(place);
    return this.#serveFresh(place, near) ? near.value : undefined;
  }

  get(key: string): Promise<V | undefined> {
    const value = this.#glance(key, 0);
    return value === undefined ? this.#get(key) : Promise.resolve(value);
  }

  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async getEntry(key: string): Promise<Entry<V> | undefined> {
    const place = this.#locate(key);
    const found = await this.#find(place, this.#readNear(place));
    if (found === undefined) this.#engine.reporter.key('miss', place.full);
    else this.#served(this.#isFresh(found.entry) ? 'hit' : 'stale', place, found.tier);
    return found?.entry;
  }

  getOrLoad(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<V> {
    const value = this.#glance(key, this.#margin);
    return value === undefined ? this.#getOrLoad(key, load, options) : Promise.resolve(value);
  }

  async resolve(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<Resolution<V>> {
    const place = this.#locate(key);
    const near = this.#readNear(place);
    if (!this.#serveFresh(place, near)) return this.#resolveFurther(key, place, near, load, options);
    this.#refreshAhead(key, place, near, load, options);
    return { value: near.value, entry: near, outcome: 'hit', tier: this.#engine.local?.name };
  }

  async set(key: string, value: V, options?: WriteOptions<V>): Promise<void> {
    const place = this.#locate(key);
    if (value === undefined) throw invalidOption(`${this.name} set value`, 'anything but undefined', value);
    const rules = applyOptions(this.#rules, options, `${this.name} set`, WRITE_OPTIONS);
    const ttl = ttlOf(rules, value);
    const tags = tagsOf(rules, value);
    if (this.#engine.isClosed) return;
    await (ttl === 0 ? this.#engine.remove([place]) : this.#engine.track(this.#write(place, value, rules, ttl, tags)));
  }

  async delete(...keys: string[]): Promise<void> {
    if (keys.length > 0) await this.#engine.remove(keys.map((key) => this.#locate(key)));
  }

  has(key: string): boolean {
    const place = this.#locate(key);
    return this.#isNear(place, this.#engine.peekLocal(place));
  }

  prefetch(keys: readonly string[], load: Loader<V>, options?: LoadOptions<V>): number {
    const engine = this.#engine;
    const rules = this.#rulesOf(load, options);
    let started = 0;
    for (const key of keys) {
      const place = this.#locate(key);
      const known = engine.peekLocal(place) as Entry<V> | undefined;
      if (engine.isClosed || this.#isNear(place, known)) continue;
      engine.prefetched.began(place.full);
      const flight = this.#start(key, place, { load, rules, known, isBehind: true });
      flight.hold();
      const gone = (): void => engine.prefetched.gone(place.full);
      flight.arrival.then(({ entry, outcome }) => {
        if (entry === undefined || outcome === 'stale') gone();
      }, gone);
      started++;
    }
    return started;
  }

  #isNear(place: Place, known: Entry | undefined): boolean {
    return (known !== undefined && this.#isFresh(known)) || this.#engine.flights.get(place.full) !== undefined;
  }

  async #write(place: Place, value: V, rules: Rules<V>, ttl: number, tags: readonly string[]): Promise<void> {
    const engine = this.#engine;
    const { full } = place;
    engine.overtake(full);
    const race = engine.races.begin(full);
    const { mark } = engine.stamps;
    try {
      const stamps = tags.length === 0 ? [] : await engine.stamps.read(tags);
      if (race.lost === 'overtaken') return;
      // Nothing can be proven of it, or it was invalidated meanwhile; and what was there before must not be served instead.
      if (stamps === undefined || race.lost === 'gap' || engine.stamps.haveChanged(tags, mark))
        return await engine.remove([place]);
      const entry = makeEntry(value, rules, { now: engine.clock.now(), ttl, tags, stamps, cost: 0 });
      if (!(await engine.keep(place, entry, rules.codec))) engine.repairs.delete([full]);
    } finally {
      engine.races.end(full, race);
    }
    await engine.announce({ kind: 'delete', keys: [full] });
  }

  /**
   * The way of most hits: untagged, fresh for longer than `margin` times its cost, in the local tier. Nothing is made for it. A key that was not
   * checked finds nothing, as only checked ones were ever stored, and every other under its digest.
   */
  #glance(key: string, margin: number): V | undefined {
    const { near, reporter, prefetched } = this.#engine;
    if (near === undefined || this.#space === 0 || typeof key !== 'string') return undefined;
    const value = near.getFresh(key, this.#space, margin) as V | undefined;
    if (value === undefined) return undefined;
    if (reporter.isHeard || prefetched.size > 0) this.#served('hit', this.#locate(key), near.name);
    else reporter.counts.hits++;
    return value;
  }

  async #get(key: string): Promise<V | undefined> {
    const place = this.#locate(key);
    const near = this.#readNear(place);
    if (this.#serveFresh(place, near)) return near.value;
    const found = await this.#find(place, near);
    if (found !== undefined && this.#isFresh(found.entry)) {
      this.#served('hit', place, found.tier);
      return found.entry.value;
    }
    this.#engine.reporter.key('miss', place.full);
    return undefined;
  }

  async #getOrLoad(key: string, load: Loader<V>, options: LoadOptions<V> | undefined): Promise<V> {
    const place = this.#locate(key);
    const near = this.#readNear(place);
    if (!this.#serveFresh(place, near)) return (await this.#resolveFurther(key, place, near, load, options)).value;
    this.#refreshAhead(key, place, near, load, options);
    return near.value;
  }

  #readNear(place: Place): Entry<V> | undefined {
    return this.#engine.readLocal(place) as Entry<V> | undefined;
  }

  /** Whether `near` is fresh; then that is a hit. */
  #serveFresh(place: Place, near: Entry<V> | undefined): near is Entry<V> {
    if (near === undefined || !this.#isFresh(near)) return false;
    this.#served('hit', place, this.#engine.local?.name ?? '');
    return true;
  }

  async #resolveFurther(
    key: string,
    place: Place,
    near: Entry<V> | undefined,
    load: Loader<V>,
    options: LoadOptions<V> | undefined,
  ): Promise<Resolution<V>> {
    const rules = this.#rulesOf(load, options);
    if (near === undefined || !rules.refreshBehind)
      return this.#fly(key, place, { load, rules, known: near, isBehind: false }, options?.signal);
    const tier = this.#engine.local?.name;
    this.#served('stale', place, tier ?? '');
    this.#refresh(key, place, { load, rules, known: near, isBehind: true });
    return { value: near.value, entry: near, outcome: 'stale', tier };
  }

  /** The freshest there is. */
  async #find(place: Place, entry: Entry<V> | undefined): Promise<Found<V> | undefined> {
    const engine = this.#engine;
    const near = entry && { entry, tier: engine.local?.name ?? '' };
    if (engine.isClosed || (entry !== undefined && this.#isFresh(entry))) return near;
    const further = await engine.makeBudget().spend(engine.readFurther(place, this.#rules.codec), () => undefined);
    if (near === undefined) return further;
    return further !== undefined && further.entry.staleAt > near.entry.staleAt ? further : near;
  }

  /** `askedAt` is the mark of the invalidations that the caller may count on. */
  async #fly(
    key: string,
    place: Place,
    plan: FlightPlan<V>,
    signal: AbortSignal | undefined,
    askedAt = this.#engine.stamps.mark,
  ): Promise<Resolution<V>> {
    const { flights, stamps, reporter, prefetched } = this.#engine;
    const { full } = place;
    const running = flights.get(full);
    const flight = running ?? this.#start(key, place, plan);
    if (running !== undefined) {
      reporter.key('join', full);
      prefetched.asked(full);
    }
    const { tags, ...arrival } = await flight.wait(signal, () => flights.drop(full, flight));
    // Begun before an invalidation that this caller came after. Any flight that is found now began later than that.
    if (askedAt > flight.mark && (tags === undefined || stamps.haveChanged(tags, flight.mark)))
      return this.#fly(key, place, plan, signal, askedAt);
    if (running === undefined && arrival.outcome !== 'load') this.#served(arrival.outcome, place, arrival.tier ?? '');
    const outcome = running !== undefined && arrival.outcome === 'load' ? 'join' : arrival.outcome;
    return { ...arrival, value: arrival.value as V, entry: arrival.entry as Entry<V> | undefined, outcome };
  }

  #refreshAhead(
    key: string,
    place: Place,
    known: Entry<V>,
    load: Loader<V>,
    options: LoadOptions<V> | undefined,
  ): void {
    if (this.#isDueAhead(known))
      this.#refresh(key, place, { load, rules: this.#rulesOf(load, options), known, isBehind: true });
  }

  #refresh(key: string, place: Place, plan: FlightPlan<V>): void {
    const { flights, isClosed } = this.#engine;
    if (plan.rules.refreshBehind && !isClosed && flights.get(place.full) === undefined)
      this.#start(key, place, plan).hold();
  }

  #start(key: string, place: Place, plan: FlightPlan<V>): Flight {
    const { flights, stamps } = this.#engine;
    return flights.start(place.full, stamps.mark, (flight) => this.#run(key, place, plan, flight));
  }

  async #run(key: string, place: Place, plan: FlightPlan<V>, flight: Flight): Promise<Arrival> {
    const engine = this.#engine;
    const { load, rules, known } = plan;
    const { full } = place;
    const race = engine.races.begin(full);
    const budget = engine.makeBudget();
    let stale = known;
    try {
      const found = engine.isClosed ? undefined : await this.#lookUp(place, rules, budget);
      if (found !== undefined && (known === undefined || found.entry.staleAt > known.staleAt)) {
        const { entry, tier } = found;
        const isFresh = this.#isFresh(entry);
        const isAnswer = isFresh || (rules.refreshBehind && !plan.isBehind);
        if (!plan.isBehind && isAnswer && (!isFresh || this.#isDueAhead(entry)))
          void flight.arrival.then(() => this.#refresh(key, place, { load, rules, known: entry, isBehind: true }));
        if (isAnswer) return { value: entry.value, entry, outcome: isFresh ? 'hit' : 'stale', tier, tags: entry.tags };
        stale = entry;
      }
      if (!plan.isBehind) {
        engine.reporter.key('miss', full);
        engine.prefetched.gone(full);
      }
      return await loadLeased(engine, { place, ownKey: key, load, rules, race, flight, budget, stale });
    } catch (error) {
      const entry = await budget.spend(fallBack(engine, stale), () => undefined);
      if (entry === undefined || race.lost !== undefined) throw error;
      const tier = engine.local?.name ?? engine.remote?.store.name;
      return { value: entry.value, entry, outcome: 'stale', tier, tags: entry.tags, error };
    } finally {
      engine.races.end(full, race);
    }
  }

  /** Looks for the key, and in the same batch for the stamps that a load would need. */
  #lookUp(place: Place, rules: Rules<V>, budget: Budget): Promise<Found<V> | undefined> {
    const { remote, stamps } = this.#engine;
    if (remote !== undefined && typeof rules.tags !== 'function') void stamps.read(rules.tags);
    return budget.spend(this.#engine.readFurther(place, rules.codec), () => undefined);
  }

  #locate(key: string): Place {
    return locate(this.name, this.#space, key);
  }

  #rulesOf(load: Loader<V>, options: LoadOptions<V> | undefined): Rules<V> {
    if (typeof load !== 'function') throw invalidOption(`${this.name} load`, 'a function', load);
    return applyOptions(this.#rules, options, `${this.name} load`, LOAD_OPTIONS);
  }

  #served(outcome: 'hit' | 'stale', { full }: Place, tier: string): void {
    this.#engine.prefetched.asked(full);
    this.#engine.reporter.served(outcome, full, tier);
  }

  #isFresh(entry: Entry): boolean {
    return freshness(entry, this.#engine.clock.coarseNow()) === 'fresh';
  }

  /** XFetch (Vattani, Chierichetti, Lowenstein 2015): refresh when now - cost * beta * ln(random) has passed staleAt. */
  #isDueAhead(entry: Entry): boolean {
    const { refreshAhead, random } = this.#engine.settings;
    const margin = entry.cost * refreshAhead;
    const left = entry.staleAt - this.#engine.clock.coarseNow();
    return margin > 0 && left < margin * MOST_DRAWN && -Math.log(random()) * margin >= left;
  }
}
