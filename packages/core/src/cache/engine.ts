import type { Bus } from '../bus.ts';
import type { Tiers } from '../cache.ts';
import { type Clock, withCoarseNow } from '../clock.ts';
import type { Codec } from '../codec.ts';
import { type Entry, freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { Leases } from '../leases.ts';
import type { Departure, LocalStore, RemoteStore, Space } from '../store.ts';
import { Budget } from '../tier/budget.ts';
import { RemoteTier } from '../tier/remote-tier.ts';
import { Repairs } from '../tier/repairs.ts';
import { Stamps } from '../tier/stamps.ts';
import { Flights } from './flights.ts';
import { Peers } from './peers.ts';
import { type Place, Places } from './places.ts';
import { Prefetched } from './prefetched.ts';
import { Races } from './races.ts';
import { RecentLoads } from './recent-loads.ts';
import { Reporter } from './reporter.ts';

/** The checked options of a cache; times in ms. */
export interface Settings {
  readonly tiers: Tiers;
  readonly bus: Bus | undefined;
  readonly leases: Leases | undefined;
  readonly ttl: number;
  readonly grace: number;
  readonly maxStampAge: number;
  readonly remoteDeadline: number;
  readonly leaseTtl: number;
  readonly refreshAhead: number;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Found<V> {
  readonly entry: Entry<V>;
  readonly tier: string;
}

/** What the namespaces of one cache share: the tiers, what is in flight, and what was invalidated. Keys here are full ones. */
export class Engine {
  readonly settings: Settings;
  readonly clock: Required<Clock>;
  readonly local: LocalStore | undefined;
  /** The local store, as long as the cache is open. */
  near: LocalStore | undefined;
  readonly remote: RemoteTier | undefined;
  readonly places: Places = new Places();
  readonly reporter: Reporter = new Reporter();
  readonly flights: Flights = new Flights();
  readonly races: Races = new Races();
  readonly stamps: Stamps;
  readonly repairs: Repairs;
  readonly prefetched: Prefetched;
  isClosed = false;
  readonly #peers: Peers;
  readonly #recent: RecentLoads;
  readonly #working = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    const { remoteDeadline } = settings;
    const clock = withCoarseNow(settings.clock);
    this.settings = settings;
    this.clock = clock;
    const tiers: readonly (LocalStore | RemoteStore)[] = settings.tiers;
    this.local = tiers.find((tier): tier is LocalStore => tier.kind === 'local');
    this.near = this.local;
    const store = tiers.find((tier): tier is RemoteStore => tier.kind === 'remote');
    this.remote = store && new RemoteTier(store, clock, remoteDeadline, this.reporter, () => void this.repairs.run());
    this.repairs = new Repairs(clock, {
      isBusyWith: (key) => this.remote?.isBusyWith(key) ?? false,
      delete: async (keys) => (await this.remote?.delete(keys)) ?? true,
      stamp: (tag) => this.stamps.change([tag]),
      clear: async () => (await this.remote?.clear()) ?? true,
    });
    this.stamps = new Stamps(this.remote, this.repairs, clock, settings.maxStampAge);
    this.prefetched = new Prefetched(this.reporter);
    this.#recent = new RecentLoads(clock);
    if (this.local !== undefined) this.local.onDeparture = (key, reason, space) => this.#departed(key, reason, space);
    this.#peers = new Peers(settings.bus, clock, remoteDeadline, this.reporter, {
      deleted: (keys) => {
        for (const key of keys) this.#removeHere(this.places.find(key));
        this.#unload(this.#recent.of(keys));
      },
      invalidated: (tags) => this.stamps.refute(tags),
      cleared: () => {
        this.#clearHere('overtaken');
        this.#unload(this.#recent.all());
      },
      // Whatever is held here may have been deleted elsewhere meanwhile; the remote tier knows.
      missed: () => {
        this.#clearHere('gap');
        this.#unload(this.#recent.all());
      },
    });
  }

  /** What the remote tier may add to a request that begins now. */
  makeBudget(): Budget {
    return new Budget(this.clock, this.remote === undefined ? Infinity : this.settings.remoteDeadline);
  }

  /** Local, not expired, and its stamps known to be current. */
  readLocal(place: Place): Entry | undefined {
    return this.#ifCurrent(place, this.near?.get(place.local, place.space));
  }

  /** Like `readLocal`, and leaves no trace on the policy: nobody has asked for it. */
  peekLocal(place: Place): Entry | undefined {
    return this.#ifCurrent(place, this.#peek(place));
  }

  /** Looks where `readLocal` cannot: local entries whose stamps must be asked for, then the remote tier. Keeps locally what it finds there. */
  async readFurther<V>(place: Place, codec: Codec<V>): Promise<Found<V> | undefined> {
    const key = place.full;
    const race = this.races.begin(key);
    try {
      const near = await this.#readUnproven<V>(place);
      if (near !== undefined && freshness(near.entry, this.clock.now()) === 'fresh') return near;
      const entry = this.repairs.covers(key) ? undefined : await this.remote?.get(key, codec);
      // A delete may have come and failed meanwhile.
      if (race.lost || this.isClosed || this.repairs.covers(key)) return undefined;
      if (entry === undefined || (near !== undefined && near.entry.staleAt >= entry.staleAt)) return near;
      if (!(await this.stamps.verify(entry))) return near;
      if (race.lost || this.isClosed) return undefined;
      // A load may have brought a newer one meanwhile.
      if ((this.#peek(place)?.staleAt ?? -Infinity) < entry.staleAt) this.#keepLocal(place, entry);
      return { entry, tier: this.remote?.store.name ?? '' };
    } finally {
      this.races.end(key, race);
    }
  }

  /** Stores in every tier; resolves when the remote one has it, false when it failed. */
  keep<V>(place: Place, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    if (freshness(entry, this.clock.now()) === 'expired') return Promise.resolve(true);
    this.#keepLocal(place, entry);
    if (this.remote === undefined) return Promise.resolve(true);
    return this.track(this.#keepRemote(this.remote, place.full, entry, codec));
  }

  /** {@link keep}, for what a load brought: it may turn out later that it was outdated before it was kept. */
  keepLoaded<V>(place: Place, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    if (this.settings.bus !== undefined && this.remote !== undefined) this.#recent.add(place.full);
    return this.keep(place, entry, codec);
  }

  async remove(places: readonly Place[]): Promise<void> {
    if (this.#refuses('delete')) return;
    const keys = places.map(({ full }) => full);
    for (const place of places) this.#removeHere(place);
    this.reporter.invalidated(keys, [], false);
    await this.track(this.#removeFurther(keys));
    await this.announce({ kind: 'delete', keys });
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    if (this.#refuses('invalidateTags')) return;
    this.reporter.invalidated([], tags, false);
    const stamps = await this.track(this.stamps.change(tags));
    await this.announce({ kind: 'tags', stamps });
  }

  async clear(): Promise<void> {
    if (this.#refuses('clear')) return;
    this.#clearHere('overtaken');
    this.reporter.invalidated([], [], true);
    if (this.remote !== undefined && !(await this.track(this.remote.clear()))) this.repairs.clear();
    await this.announce({ kind: 'clear' });
  }

  /** From now on no running load stores its value, and callers do not join it. */
  overtake(key: string): void {
    this.races.lose(key);
    this.flights.drop(key);
    this.prefetched.gone(key);
  }

  /** Tells the other processes. */
  announce(message: Parameters<Peers['announce']>[0]): Promise<void> {
    return this.track(this.#peers.announce(message));
  }

  /** Work that `close` waits for. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work);
    const settled = (): void => void this.#working.delete(work);
    work.then(settled, settled);
    return work;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.isClosed = true;
    this.near = undefined;
    // Work may be followed by work: what was written is announced.
    while (this.#working.size > 0) await Promise.allSettled(this.#working);
    this.repairs.close();
    this.#clearHere('overtaken');
    if (this.local !== undefined) this.local.onDeparture = undefined;
    const closing = await Promise.allSettled([
      this.#peers.close(),
      this.settings.leases?.close(),
      this.remote?.close(),
    ]);
    for (const outcome of closing)
      if (outcome.status === 'rejected') this.reporter.failed('REMOTE_FAILED', outcome.reason);
  }

  #refuses(what: string): boolean {
    if (this.isClosed)
      this.reporter.failed('CLOSED', new KvasirError('CLOSED', `${what}: expected an open cache, got a closed one`));
    return this.isClosed;
  }

  #peek(place: Place): Entry | undefined {
    return this.near?.peek(place.local, place.space);
  }

  #ifCurrent(place: Place, entry: Entry | undefined): Entry | undefined {
    if (entry === undefined || entry.tags.length === 0) return entry;
    const isCurrent = this.stamps.areCurrent(entry);
    if (isCurrent === false) this.local?.delete(place.local, place.space);
    return isCurrent === true ? entry : undefined;
  }

  async #readUnproven<V>(place: Place): Promise<Found<V> | undefined> {
    const entry = this.#peek(place) as Entry<V> | undefined;
    if (entry === undefined || this.stamps.areCurrent(entry) !== undefined) return undefined;
    return (await this.stamps.verify(entry)) ? { entry, tier: this.local?.name ?? '' } : undefined;
  }

  async #keepRemote<V>(remote: RemoteTier, key: string, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    const race = this.races.begin(key);
    try {
      const isKept = await remote.set(key, entry, codec);
      // Only now is gone what was to be deleted.
      if (isKept && !race.lost) this.repairs.deleteDone(key);
      return isKept;
    } finally {
      this.races.end(key, race);
    }
  }

  #keepLocal(place: Place, entry: Entry): void {
    if (this.local === undefined) return;
    this.local.set(place.local, entry, place.space);
    // What is not admitted leaves with what was there before it.
    if (this.reporter.isHeard && this.#peek(place) !== undefined) this.reporter.key('admit', place.full);
  }

  #removeHere(place: Place): void {
    this.overtake(place.full);
    this.local?.delete(place.local, place.space);
  }

  #clearHere(loss: 'overtaken' | 'gap'): void {
    this.races.loseAll(loss);
    this.flights.dropAll();
    this.prefetched.allGone();
    this.local?.clear();
    this.stamps.forget();
  }

  async #removeFurther(keys: readonly string[]): Promise<void> {
    if (this.remote !== undefined && !(await this.remote.delete(keys))) this.repairs.delete(keys);
  }

  /** Takes loads back that another process may have overtaken before they were written. */
  #unload(keys: readonly string[]): void {
    if (keys.length > 0) void this.track(this.#removeFurther(keys));
  }

  #departed(local: string, reason: Departure, space: Space): void {
    if (this.prefetched.size === 0 && !this.reporter.isHeard) return;
    const key = this.places.nameOf(local, space);
    this.prefetched.gone(key);
    this.reporter.key(reason, key);
  }
}
