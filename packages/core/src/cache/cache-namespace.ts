import { type Entry, freshness } from '../entry.ts';
import type { Loader, LoadOptions, Namespace, Resolution, WriteOptions } from '../namespace.ts';
import { invalidOption } from '../options.ts';
import type { Engine } from './engine.ts';
import type { Arrival, Flight } from './flights.ts';
import { checkTags, qualifyKey } from './key.ts';
import { loadLeased } from './lease-step.ts';
import { fallBack, makeEntry } from './load.ts';
import { applyOptions, type Rules, ttlOf } from './rules.ts';

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
    if (entry === undefined || this.#engine.clock.now() >= entry.staleAt) return undefined;
    this.#served('hit', full, this.#engine.local?.name ?? '');
    return entry.value as V;
  }

  async get(key: string): Promise<V | undefined> {
    const full = qualifyKey(this.name, key);
    const found = await this.#find(full);
    if (found !== undefined && this.#engine.clock.now() < found.entry.staleAt) {
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
    const entry = this.#hit(key, full, load, options);
    return entry !== undefined ? entry.value : (await this.#resolveFurther(key, full, load, options)).value;
  }

  async resolve(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<Resolution<V>> {
    const full = qualifyKey(this.name, key);
    const entry = this.#hit(key, full, load, options);
    if (entry === undefined) return this.#resolveFurther(key, full, load, options);
    return { value: entry.value, entry, outcome: 'hit', tier: this.#engine.local?.name };
  }

  async set(key: string, value: V, options?: WriteOptions<V>): Promise<void> {
    const engine = this.#engine;
    const full = qualifyKey(this.name, key);
    if (value === undefined) throw invalidOption(`${this.name} set value`, 'anything but undefined', value);
    const rules = applyOptions(this.#rules, options, `${this.name} set`);
    const ttl = ttlOf(rules, value);
    if (ttl === 0) return this.delete(key);
    const tags = typeof rules.tags === 'function' ? checkTags(rules.tags(value)) : rules.tags;
    engine.overtake(full);
    const race = engine.races.begin(full);
    try {
      const stamps = tags.length === 0 ? [] : await engine.stamps.read(tags);
      // Without stamps nothing can be proven of it, and what was there before must not be served instead.
      if (stamps === undefined) return await engine.remove([full]);
      if (race.lost) return;
      const entry = makeEntry(value, rules, { now: engine.clock.now(), ttl, tags, stamps, cost: 0 });
      if (!(await engine.keep(full, entry, rules.codec))) engine.repairs.delete([full]);
    } finally {
      engine.races.end(full, race);
    }
    await engine.announce({ kind: 'delete', keys: [full] });
  }

  async delete(...keys: string[]): Promise<void> {
    if (keys.length > 0) await this.#engine.remove(keys.map((key) => qualifyKey(this.name, key)));
  }

  prefetch(keys: readonly string[], load: Loader<V>, options?: LoadOptions<V>): number {
    const rules = this.#rulesOf(options);
    let started = 0;
    for (const key of keys) {
      const full = qualifyKey(this.name, key);
      const entry = this.#engine.readLocal(full) as Entry<V> | undefined;
      if (this.#engine.isClosed || this.#engine.flights.get(full) !== undefined) continue;
      if (entry !== undefined && this.#isFresh(entry)) continue;
      this.#engine.prefetched.began(full);
      this.#start(key, full, { load, rules, known: entry, isBehind: true }).hold();
      started++;
    }
    return started;
  }

  /** Local and fresh; refreshed ahead when it is due. */
  #hit(key: string, full: string, load: Loader<V>, options: LoadOptions<V> | undefined): Entry<V> | undefined {
    const entry = this.#engine.readLocal(full) as Entry<V> | undefined;
    if (entry === undefined || !this.#isFresh(entry)) return undefined;
    this.#served('hit', full, this.#engine.local?.name ?? '');
    if (this.#isDueAhead(entry))
      this.#refresh(key, full, { load, rules: this.#rulesOf(options), known: entry, isBehind: true });
    return entry;
  }

  async #resolveFurther(
    key: string,
    full: string,
    load: Loader<V>,
    options: LoadOptions<V> | undefined,
  ): Promise<Resolution<V>> {
    if (typeof load !== 'function') throw invalidOption(`${this.name} load`, 'a function', load);
    const rules = this.#rulesOf(options);
    const entry = this.#engine.readLocal(full) as Entry<V> | undefined;
    if (entry === undefined || !rules.refreshBehind)
      return this.#fly(key, full, { load, rules, known: entry, isBehind: false }, options?.signal);
    const tier = this.#engine.local?.name;
    this.#served('stale', full, tier ?? '');
    this.#refresh(key, full, { load, rules, known: entry, isBehind: true });
    return { value: entry.value, entry, outcome: 'stale', tier };
  }

  async #find(full: string): Promise<{ entry: Entry<V>; tier: string } | undefined> {
    const engine = this.#engine;
    const near = engine.readLocal(full) as Entry<V> | undefined;
    if (near !== undefined) return { entry: near, tier: engine.local?.name ?? '' };
    if (engine.isClosed) return undefined;
    const race = engine.races.begin(full);
    try {
      return await engine.readFurther(full, this.#rules.codec, race);
    } finally {
      engine.races.end(full, race);
    }
  }

  async #fly(key: string, full: string, plan: FlightPlan<V>, signal: AbortSignal | undefined): Promise<Resolution<V>> {
    const engine = this.#engine;
    const running = engine.flights.get(full);
    const flight = running ?? this.#start(key, full, plan);
    if (running !== undefined) {
      engine.reporter.key('join', full);
      engine.prefetched.asked(full);
    }
    const arrival = await flight.wait(signal, () => engine.flights.drop(full, flight));
    if (running === undefined && arrival.outcome !== 'load') this.#served(arrival.outcome, full, arrival.tier ?? '');
    const outcome = running !== undefined && arrival.outcome === 'load' ? 'join' : arrival.outcome;
    return { ...arrival, value: arrival.value as V, entry: arrival.entry as Entry<V> | undefined, outcome };
  }

  #refresh(key: string, full: string, plan: FlightPlan<V>): void {
    const { flights, isClosed } = this.#engine;
    if (plan.rules.refreshBehind && !isClosed && flights.get(full) === undefined) this.#start(key, full, plan).hold();
  }

  #start(key: string, full: string, plan: FlightPlan<V>): Flight {
    return this.#engine.flights.start(full, (flight) => this.#run(key, full, plan, flight));
  }

  async #run(key: string, full: string, plan: FlightPlan<V>, flight: Flight): Promise<Arrival> {
    const engine = this.#engine;
    const { load, rules, known } = plan;
    const race = engine.races.begin(full);
    let stale = known;
    try {
      const found = engine.isClosed ? undefined : await engine.readFurther(full, rules.codec, race);
      if (found !== undefined && (known === undefined || found.entry.staleAt > known.staleAt)) {
        const { entry, tier } = found;
        if (this.#isFresh(entry)) return { value: entry.value, entry, outcome: 'hit', tier };
        stale = entry;
        if (rules.refreshBehind && !plan.isBehind) {
          void flight.arrival.then(() => this.#refresh(key, full, { load, rules, known: entry, isBehind: true }));
          return { value: entry.value, entry, outcome: 'stale', tier };
        }
      }
      if (!plan.isBehind) engine.reporter.key('miss', full);
      return await loadLeased(engine, {
        key: full,
        ownKey: key,
        load,
        rules,
        race,
        controller: flight.controller,
        stale,
      });
    } catch (error) {
      const entry = await fallBack(engine, stale);
      if (entry === undefined) throw error;
      const tier = engine.local?.name ?? engine.remote?.store.name;
      return { value: entry.value, entry, outcome: 'stale', tier, error };
    } finally {
      engine.races.end(full, race);
    }
  }

  #rulesOf(options: LoadOptions<V> | undefined): Rules<V> {
    return applyOptions(this.#rules, options, `${this.name} load`);
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
