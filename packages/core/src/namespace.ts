import type { Codec } from './codec.ts';
import type { Entry } from './entry.ts';
import type { Duration } from './units.ts';

export interface LoadContext<V> {
  readonly key: string;
  /** Aborted when nobody waits any more, or at the deadline. */
  readonly signal: AbortSignal;
  /** What is there but no longer fresh, for conditional requests. */
  readonly stale: Entry<V> | undefined;
}

/** Makes the value. `undefined` (returned or resolved) means: nothing to keep; every waiter gets undefined and nothing is stored. */
export type Loader<V> = (context: LoadContext<V>) => V | Promise<V>;

export interface WriteOptions<V> {
  /** How long the value is fresh; 0 keeps nothing. Default: the namespace's, then the cache's ('1m'). */
  readonly ttl?: Duration | ((value: V) => Duration);
  /** How long after that it may still be served while it is refreshed, or when the load fails. Default: the namespace's, then the cache's (0). */
  readonly grace?: Duration;
  /** At most 128, each 1 to 512 characters. Those given as an array are the safest: their stamps are read before the load. */
  readonly tags?: readonly string[] | ((value: V) => readonly string[]);
}

/** How loads run. */
export interface LoadRules {
  /** A load that takes longer is aborted and fails with LOAD_TIMEOUT. Default: none. */
  readonly deadline?: Duration;
  /**
   * Whether a loader may run with nobody waiting: refresh behind a stale hit, and ahead of one. False when the loader needs the request that brought
   * it; then what is stale is only served when the load fails. Default true.
   */
  readonly refreshBehind?: boolean;
}

export interface LoadOptions<V> extends WriteOptions<V>, LoadRules {
  /** This caller stops waiting when it aborts, and is rejected with its reason. The load goes on while others wait. */
  readonly signal?: AbortSignal;
}

export interface NamespaceOptions<V> extends WriteOptions<V>, LoadRules {
  /** Default: {@link structured}. */
  readonly codec?: Codec<V>;
}

/** A value and how it was come by. */
export interface Resolution<V> {
  readonly value: V;
  /** hit: fresh from a tier · stale: from a tier, within grace · load: this call ran the loader · join: another call's load was shared. */
  readonly outcome: 'hit' | 'stale' | 'load' | 'join';
  /** undefined when nothing was kept: the loader said undefined, ttl 0, an invalidation raced the load. */
  readonly entry: Entry<V> | undefined;
  /** The tier that answered a hit or stale. */
  readonly tier: string | undefined;
  /** The loader's error, when a stale value is served because of it. */
  readonly error?: unknown;
}

/** One kind of value: codec, times and tags are said once; V flows from here. Keys: any string of 1 to 65,536 characters; else INVALID_KEY. */
export interface Namespace<V> {
  readonly name: string;
  /** Local and fresh, or undefined: no promise. */
  getSync(key: string): V | undefined;
  /** Fresh, or undefined. */
  get(key: string): Promise<V | undefined>;
  getMany(keys: readonly string[]): Promise<(V | undefined)[]>;
  /** Fresh or stale, with its instants; undefined when expired, invalidated or absent. */
  getEntry(key: string): Promise<Entry<V> | undefined>;
  /** One load, however many ask. Rejects with the loader's own error, unwrapped; a failing tier is a miss. */
  getOrLoad(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<V>;
  /** {@link Namespace.getOrLoad}, telling how the value was come by. */
  resolve(key: string, load: Loader<V>, options?: LoadOptions<V>): Promise<Resolution<V>>;
  /** Resolves when every tier has it; a remote tier that fails is an `error` event. A running load of the key no longer stores its value. */
  set(key: string, value: V, options?: WriteOptions<V>): Promise<void>;
  delete(...keys: string[]): Promise<void>;
  /** Whether the key is fresh locally or being loaded, so that {@link Namespace.prefetch} would start nothing. Leaves no trace on the policy. */
  has(key: string): boolean;
  /** Starts loads for keys that are not fresh locally and not being loaded, and returns how many; failures are events. A later getOrLoad joins them. */
  prefetch(keys: readonly string[], load: Loader<V>, options?: LoadOptions<V>): number;
}
