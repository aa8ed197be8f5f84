import { randomBytes } from 'node:crypto';
import type { Bus, Invalidation } from '../bus.ts';
import type { Tiers } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { Codec } from '../codec.ts';
import { type Entry, freshness } from '../entry.ts';
import type { Leases } from '../leases.ts';
import type { Departure, LocalStore, RemoteStore } from '../store.ts';
import { RemoteTier } from '../tier/remote-tier.ts';
import { Repairs } from '../tier/repairs.ts';
import { Stamps } from '../tier/stamps.ts';
import { Flights } from './flights.ts';
import { Prefetched } from './prefetched.ts';
import { type Race, Races } from './races.ts';
import { Reporter } from './reporter.ts';

type Announcement =
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly stamps: Readonly<Record<string, string>> }
  | { readonly kind: 'clear' };

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

/** What the namespaces of one cache share: the tiers, what is in flight, and what was invalidated. Keys here are qualified. */
export class Engine {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly local: LocalStore | undefined;
  readonly remote: RemoteTier | undefined;
  readonly reporter: Reporter = new Reporter();
  readonly flights: Flights = new Flights();
  readonly races: Races = new Races();
  readonly stamps: Stamps;
  readonly repairs: Repairs;
  readonly prefetched: Prefetched;
  isClosed = false;
  readonly #id = randomBytes(9).toString('base64url');
  readonly #writing = new Set<Promise<unknown>>();
  #unsubscribe: (() => void) | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
    this.clock = settings.clock;
    const tiers: readonly (LocalStore | RemoteStore)[] = settings.tiers;
    this.local = tiers.find((tier): tier is LocalStore => tier.kind === 'local');
    const store = tiers.find((tier): tier is RemoteStore => tier.kind === 'remote');
    this.remote =
      store && new RemoteTier(store, this.clock, settings.remoteDeadline, this.reporter, () => void this.repairs.run());
    this.repairs = new Repairs(this.clock, {
      delete: async (keys) => (await this.remote?.delete(keys)) ?? true,
      stamp: (tag, stamp) => this.stamps.store(tag, stamp),
      clear: async () => (await this.remote?.clear()) ?? true,
    });
    this.stamps = new Stamps(this.remote, this.repairs, this.clock, settings.maxStampAge);
    this.prefetched = new Prefetched(this.reporter);
    if (this.local !== undefined) this.local.onDeparture = (key, reason) => this.#departed(key, reason);
    this.#subscribe();
  }

  /** Local, not expired, and its stamps known to be current. */
  readLocal(key: string): Entry | undefined {
    if (this.isClosed) return undefined;
    const entry = this.local?.get(key);
    if (entry === undefined || entry.tags.length === 0) return entry;
    const isCurrent = this.stamps.areCurrent(entry);
    if (isCurrent === false) this.local?.delete(key);
    return isCurrent === true ? entry : undefined;
  }

  /** Looks where `readLocal` cannot: local entries whose stamps must be asked for, then the remote tier. Keeps locally what it finds there. */
  async readFurther<V>(key: string, codec: Codec<V>, race: Race): Promise<Found<V> | undefined> {
    const near = await this.#readUnproven<V>(key);
    if (near !== undefined && freshness(near.entry, this.clock.now()) === 'fresh') return near;
    const entry = this.repairs.covers(key) ? undefined : await this.remote?.get(key, codec);
    if (race.lost || this.isClosed) return undefined;
    if (entry === undefined || (near !== undefined && near.entry.staleAt >= entry.staleAt)) return near;
    if (!(await this.stamps.verify(entry)) || race.lost) return undefined;
    this.#keepLocal(key, entry);
    return { entry, tier: this.remote?.store.name ?? '' };
  }

  /** Stores in every tier; resolves when the remote one has it, false when it failed. */
  keep<V>(key: string, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    if (this.isClosed || freshness(entry, this.clock.now()) === 'expired') return Promise.resolve(true);
    this.#keepLocal(key, entry);
    if (this.remote === undefined) return Promise.resolve(true);
    return this.track(this.#keepRemote(this.remote, key, entry, codec));
  }

  async remove(keys: readonly string[]): Promise<void> {
    this.#removeHere(keys);
    this.reporter.invalidated(keys, [], false);
    if (this.remote !== undefined && !(await this.track(this.remote.delete(keys)))) this.repairs.delete(keys);
    await this.announce({ kind: 'delete', keys });
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    this.reporter.invalidated([], tags, false);
    const stamps = await this.track(this.stamps.change(tags));
    await this.announce({ kind: 'tags', stamps });
  }

  async clear(): Promise<void> {
    this.clearHere();
    this.reporter.invalidated([], [], true);
    if (this.remote !== undefined && !(await this.track(this.remote.clear()))) this.repairs.clear();
    await this.announce({ kind: 'clear' });
  }

  /** From now on no running load stores its value, and callers do not join it. */
  overtake(key: string): void {
    this.races.lose(key);
    this.flights.drop(key);
  }

  clearHere(): void {
    this.races.loseAll();
    this.flights.dropAll();
    this.local?.clear();
    this.stamps.forget();
  }

  /** Tells the other processes; a bus that fails is an `error` event. */
  async announce(message: Announcement): Promise<void> {
    try {
      await this.settings.bus?.publish({ sender: this.#id, ...message });
    } catch (error) {
      this.reporter.failed('BUS_FAILED', error);
    }
  }

  /** Work that `close` waits for. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#writing.add(work);
    const settled = (): void => void this.#writing.delete(work);
    work.then(settled, settled);
    return work;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.allSettled(this.#writing);
    this.repairs.close();
    this.#unsubscribe?.();
    this.clearHere();
    if (this.local !== undefined) this.local.onDeparture = undefined;
    const { bus, leases } = this.settings;
    const closing = await Promise.allSettled([bus?.close(), leases?.close(), this.remote?.close()]);
    for (const outcome of closing)
      if (outcome.status === 'rejected') this.reporter.failed('REMOTE_FAILED', outcome.reason);
  }

  async #readUnproven<V>(key: string): Promise<Found<V> | undefined> {
    const entry = this.local?.peek(key) as Entry<V> | undefined;
    if (entry === undefined || this.stamps.areCurrent(entry) !== undefined) return undefined;
    return (await this.stamps.verify(entry)) ? { entry, tier: this.local?.name ?? '' } : undefined;
  }

  async #keepRemote<V>(remote: RemoteTier, key: string, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    const isOwed = this.repairs.covers(key);
    this.repairs.deleteDone(key);
    const ok = await remote.set(key, entry, codec);
    // What was to be deleted is still there.
    if (!ok && isOwed) this.repairs.delete([key]);
    return ok;
  }

  #keepLocal(key: string, entry: Entry): void {
    if (this.local === undefined) return;
    this.local.set(key, entry);
    if (this.reporter.isHeard && this.local.peek(key) === entry) this.reporter.key('admit', key);
  }

  #removeHere(keys: readonly string[]): void {
    for (const key of keys) {
      this.overtake(key);
      this.local?.delete(key);
    }
  }

  #departed(key: string, reason: Departure): void {
    this.prefetched.left(key);
    if (this.reporter.isHeard) this.reporter.key(reason, key);
  }

  #subscribe(): void {
    const { bus } = this.settings;
    if (bus === undefined) return;
    const subscribed = bus.subscribe(
      (message) => this.#heard(message),
      // Whatever is held here may have been deleted elsewhere meanwhile; the remote tier knows.
      () => this.clearHere(),
    );
    subscribed.then(
      (unsubscribe) => {
        if (this.isClosed) unsubscribe();
        else this.#unsubscribe = unsubscribe;
      },
      (error: unknown) => this.reporter.failed('BUS_FAILED', error),
    );
  }

  #heard(message: Invalidation): void {
    if (message.sender === this.#id || this.isClosed) return;
    if (message.kind === 'delete') this.#removeHere(message.keys);
    else if (message.kind === 'tags') this.stamps.adopt(message.stamps);
    else this.clearHere();
  }
}
