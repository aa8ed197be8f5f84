import { type Entry, freshness } from '../entry.ts';
import type { Loader, LoadOptions, Namespace, Resolution, WriteOptions } from '../namespace.ts';
import { invalidOption } from '../options.ts';
import type { Budget } from '../tier/budget.ts';
import type { Engine, Found } from './engine.ts';
import type { Arrival, Flight } from './flights.ts';
import { qualifyKey } from './key.ts';
import { loadLeased } from './lease-step.ts';
import { fallBack, makeEntry } from './load.ts';
import { applyOptions, LOAD_OPTIONS, type Rules, tagsOf, ttlOf, WRITE_OPTIONS } from './rules.ts';

/** What a flight is for. */
interface FlightPlan<V> {
  readonly load: Loader<V>;
  readonly rules: Rules<V>;
  /** What is there already; only something fresher ends the flight without a load. */
  readonly known: Entry<V> | undefined;
  readonly isBehind: boolean;
}

export class CacheNamespace<V> implements Namespace<V> {
  readonly name: string;
  readonly #engine: Engine;
  readonly #rules: Rules<V>;

  constructor(name: string, engine: Engine, rules: Rules<V>) {
    this.name = name;
    this.#engine = engine;
    this.#rules = rules;
  }

  getSync(key: string): V | undefined {
    const full = qualifyKey(this.name, key);
    const entry = this.#engine.readLocal(full);
    if (entry === undefined || !this.#isFresh(entry)) return undefined;
    this.#served('hit', full, this.#engine.local?.name ?? '');
    return entry.value as V;
  }

  async get(key: string): Promise<V | undefined> {
    const full = qualifyKey(this.name, key);
    const found = await this.#find(full);
    if (found !== undefined && this.#isFresh(found.entry)) {
      this.#served('hit', full, found.tier);
      return found.entry.value;
    }
    this.#engine.reporter.key('miss', full);
    return undefined;
  }

  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async getEntry(key: string): Promise<Entry<V> | undefined> {
    const full = qualifyKey(this.name, key);
    const found = await this.#find(full);
    if (found === undefined) this.#engine.reporter.key('miss', full);
    else this.#served(this.#isFresh(found.entry) ? 'hit' : 'stale', full, found.tier);
    return found?.entry;
  }

  async getOrLoad(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<V> {
    const full = qualifyKey(this.name, key);
    const near = this.#engine.readLocal(full) as Entry<V> | undefined;
    if (near === undefined || !this.#isFresh(near))
      return (await this.#resolveFurther(key, full, near, load, options)).value;
    this.#hit(key, full, near, load, options);
    return near.value;
  }

  async resolve(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<Resolution<V>> {
    const full = qualifyKey(this.name, key);
    const near = this.#engine.readLocal(full) as Entry<V> | undefined;
    if (near === undefined || !this.#isFresh(near)) return this.#resolveFurther(key, full, near, load, options);
    this.#hit(key, full, near, load, options);
    return { value: near.value, entry: near, outcome: 'hit', tier: this.#engine.local?.name };
  }

  async set(key: string, value: V, options?: WriteOptions<V>): Promise<void> {
    const full = qualifyKey(this.name, key);
    if (value === undefined) throw invalidOption(`${this.name} set value`, 'anything but undefined', value);
    const rules = applyOptions(this.#rules, options, `${this.name} set`, WRITE_OPTIONS);
    const ttl = ttlOf(rules, value);
    const tags = tagsOf(rules, value);
    if (this.#engine.isClosed) return;
    await (ttl === 0 ? this.#engine.remove([full]) : this.#engine.track(this.#write(full, value, rules, ttl, tags)));
  }

  async delete(...keys: string[]): Promise<void> {
    if (keys.length > 0) await this.#engine.remove(keys.map((key) => qualifyKey(this.name, key)));
  }

  prefetch(keys: readonly string[], load: Loader<V>, options?: LoadOptions<V>): number {
    const engine = this.#engine;
    const rules = this.#rulesOf(load, options);
    let started = 0;
    for (const key of keys) {
      const full = qualifyKey(this.name, key);
      const known = engine.peekLocal(full) as Entry<V> | undefined;
      if (engine.isClosed || engine.flights.get(full) !== undefined) continue;
      if (known !== undefined && this.#isFresh(known)) continue;
      engine.prefetched.began(full);
      const flight = this.#start(key, full, { load, rules, known, isBehind: true });
      flight.hold();
      const gone = (): void => engine.prefetched.gone(full);
      flight.arrival.then(({ entry, outcome }) => {
        if (entry === undefined || outcome === 'stale') gone();
      }, gone);
      started++;
    }
    return started;
  }

  async #write(full: string, value: V, rules: Rules<V>, ttl: number, tags: readonly string[]): Promise<void> {
    const engine = this.#engine;
    engine.overtake(full);
    const race = engine.races.begin(full);
    const { mark } = engine.stamps;
    try {
      const stamps = tags.length === 0 ? [] : await engine.stamps.read(tags);
      if (race.lost === 'overtaken') return;
      // Nothing can be proven of it, or it was invalidated meanwhile; and what was there before must not be served instead.
      if (stamps === undefined || race.lost === 'gap' || engine.stamps.haveChanged(tags, mark))
        return await engine.remove([full]);
      const entry = makeEntry(value, rules, { now: engine.clock.now(), ttl, tags, stamps, cost: 0 });
      if (!(await engine.keep(full, entry, rules.codec))) engine.repairs.delete([full]);
    } finally {
      engine.races.end(full, race);
    }
    await engine.announce({ kind: 'delete', keys: [full] });
  }

  /** Serves what is local and fresh, and refreshes it ahead when that is due. */
  #hit(key: string, full: string, entry: Entry<V>, load: Loader<V>, options: LoadOptions<V> | undefined): void {
    this.#served('hit', full, this.#engine.local?.name ?? '');
    if (this.#isDueAhead(entry))
      this.#refresh(key, full, { load, rules: this.#rulesOf(load, options), known: entry, isBehind: true });
  }

  async #resolveFurther(
    key: string,
    full: string,
    near: Entry<V> | undefined,
    load: Loader<V>,
    options: LoadOptions<V> | undefined,
  ): Promise<Resolution<V>> {
    const rules = this.#rulesOf(load, options);
    if (near === undefined || !rules.refreshBehind)
      return this.#fly(key, full, { load, rules, known: near, isBehind: false }, options?.signal);
    const tier = this.#engine.local?.name;
    this.#served('stale', full, tier ?? '');
    this.#refresh(key, full, { load, rules, known: near, isBehind: true });
    return { value: near.value, entry: near, outcome: 'stale', tier };
  }

  /** The freshest there is. */
  async #find(full: string): Promise<Found<V> | undefined> {
    const engine = this.#engine;
    const entry = engine.readLocal(full) as Entry<V> | undefined;
    const near = entry && { entry, tier: engine.local?.name ?? '' };
    if (engine.isClosed || (entry !== undefined && this.#isFresh(entry))) return near;
    const further = await engine.makeBudget().spend(engine.readFurther(full, this.#rules.codec), () => undefined);
    if (near === undefined) return further;
    return further !== undefined && further.entry.staleAt > near.entry.staleAt ? further : near;
  }

  /** `askedAt` is the mark of the invalidations that the caller may count on. */
  async #fly(
    key: string,
    full: string,
    plan: FlightPlan<V>,
    signal: AbortSignal | undefined,
    askedAt = this.#engine.stamps.mark,
  ): Promise<Resolution<V>> {
    const { flights, stamps, reporter, prefetched } = this.#engine;
    const running = flights.get(full);
    const flight = running ?? this.#start(key, full, plan);
    if (running !== undefined) {
      reporter.key('join', full);
      prefetched.asked(full);
    }
    const { tags, ...arrival } = await flight.wait(signal, () => flights.drop(full, flight));
    // Begun before an invalidation that this caller came after. Any flight that is found now began later than that.
    if (askedAt > flight.mark && (tags === undefined || stamps.haveChanged(tags, flight.mark)))
      return this.#fly(key, full, plan, signal, askedAt);
    if (running === undefined && arrival.outcome !== 'load') this.#served(arrival.outcome, full, arrival.tier ?? '');
    const outcome = running !== undefined && arrival.outcome === 'load' ? 'join' : arrival.outcome;
    return { ...arrival, value: arrival.value as V, entry: arrival.entry as Entry<V> | undefined, outcome };
  }

  #refresh(key: string, full: string, plan: FlightPlan<V>): void {
    const { flights, isClosed } = this.#engine;
    if (plan.rules.refreshBehind && !isClosed && flights.get(full) === undefined) this.#start(key, full, plan).hold();
  }

  #start(key: string, full: string, plan: FlightPlan<V>): Flight {
    const { flights, stamps } = this.#engine;
    return flights.start(full, stamps.mark, (flight) => this.#run(key, full, plan, flight));
  }

  async #run(key: string, full: string, plan: FlightPlan<V>, flight: Flight): Promise<Arrival> {
    const engine = this.#engine;
    const { load, rules, known } = plan;
    const race = engine.races.begin(full);
    const budget = engine.makeBudget();
    let stale = known;
    try {
      const found = engine.isClosed ? undefined : await this.#lookUp(full, rules, budget);
      if (found !== undefined && (known === undefined || found.entry.staleAt > known.staleAt)) {
        const { entry, tier } = found;
        const isFresh = this.#isFresh(entry);
        const isAnswer = isFresh || (rules.refreshBehind && !plan.isBehind);
        if (!plan.isBehind && isAnswer && (!isFresh || this.#isDueAhead(entry)))
          void flight.arrival.then(() => this.#refresh(key, full, { load, rules, known: entry, isBehind: true }));
        if (isAnswer) return { value: entry.value, entry, outcome: isFresh ? 'hit' : 'stale', tier, tags: entry.tags };
        stale = entry;
      }
      if (!plan.isBehind) {
        engine.reporter.key('miss', full);
        engine.prefetched.gone(full);
      }
      return await loadLeased(engine, { key: full, ownKey: key, load, rules, race, flight, budget, stale });
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
  #lookUp(full: string, rules: Rules<V>, budget: Budget): Promise<Found<V> | undefined> {
    const { remote, stamps } = this.#engine;
    if (remote !== undefined && typeof rules.tags !== 'function') void stamps.read(rules.tags);
    return budget.spend(this.#engine.readFurther(full, rules.codec), () => undefined);
  }

  #rulesOf(load: Loader<V>, options: LoadOptions<V> | undefined): Rules<V> {
    if (typeof load !== 'function') throw invalidOption(`${this.name} load`, 'a function', load);
    return applyOptions(this.#rules, options, `${this.name} load`, LOAD_OPTIONS);
  }

  #served(outcome: 'hit' | 'stale', full: string, tier: string): void {
    this.#engine.prefetched.asked(full);
    this.#engine.reporter.served(outcome, full, tier);
  }

  #isFresh(entry: Entry): boolean {
    return freshness(entry, this.#engine.clock.now()) === 'fresh';
  }

  /** XFetch (Vattani, Chierichetti, Lowenstein 2015): refresh when now - cost * beta * ln(random) has passed staleAt. */
  #isDueAhead(entry: Entry): boolean {
    const { refreshAhead, random } = this.#engine.settings;
    const margin = entry.cost * refreshAhead;
    const left = entry.staleAt - this.#engine.clock.now();
    // -ln(random) exceeds 20 once in half a billion draws: most hits are spared the draw.
    return margin > 0 && left < margin * 20 && -Math.log(random()) * margin >= left;
  }
}
