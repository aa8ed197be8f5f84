import type { Entry } from './entry.ts';
import type { ReuseSampler } from './model/shards.ts';

export interface LocalStats {
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
  readonly expirations: number;
  /** Entries that the policy did not admit. */
  readonly rejections: number;
}

/** Why an entry left a local store, or never got in. */
export type Departure = 'evict' | 'expire' | 'reject';

/**
 * Part of a local store in which a key is unlike the same key elsewhere: 0, the default, to 65,535. A cache gives each namespace one, so that a
 * look-up needs no string built for it.
 */
export type Space = number;

/** In this process: synchronous, live values, bounded by a Policy. A hit costs no promise and no decoding. */
export interface LocalStore {
  readonly kind: 'local';
  readonly name: string;
  readonly stats: LocalStats;
  /** Told of every request and every departure but for room, when the store measures what other sizes would hit. */
  readonly reuse?: ReuseSampler | undefined;
  /** The entry that was set, or another with equal fields. Stale entries are returned, expired ones are not. Tells the policy. */
  get(key: string, space?: Space): Entry | undefined;
  /**
   * The value of an untagged entry that stays fresh for longer than `margin` times its cost (both 0 or more), else undefined, and then the policy is
   * told nothing. The way of most hits: no Entry is made for it.
   */
  getFresh(key: string, space?: Space, margin?: number): unknown;
  /** Like `get`, and leaves no trace on the policy. */
  peek(key: string, space?: Space): Entry | undefined;
  /** Keeps the value itself, not a copy. An entry larger than the whole store is rejected, and what was there under `key` is gone. */
  set(key: string, entry: Entry, space?: Space): void;
  delete(key: string, space?: Space): boolean;
  clear(): void;
  /** At most one listener; the cache that owns the store sets it. Called after the entry has left. */
  onDeparture?: ((key: string, reason: Departure, space: Space) => void) | undefined;
}

export interface RemoteCapabilities {
  /** The store forgets a value by itself after its `ttlMs`. Without it, entries still expire by the instants in their envelope. */
  readonly ttl: boolean;
  readonly range: boolean;
  readonly compareAndSet: boolean;
  /** Bytes; larger values are not offered to the store. */
  readonly maxValueBytes: number;
}

/** `ttlMs` is at least 1; Infinity means no end. */
export interface RemoteWrite {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly ttlMs: number;
}

/** Outside this process: asynchronous, moves opaque bytes, speaks only in batches. Metadata travels inside the envelope. */
export interface RemoteStore {
  readonly kind: 'remote';
  readonly name: string;
  readonly capabilities: RemoteCapabilities;
  /** In the order asked; what is missing is undefined. Rejects when the store cannot answer: never half an answer. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** Rejects when any write failed; the others may have happened. */
  setMany(writes: readonly RemoteWrite[]): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
  /** Removes everything under this store's own prefix and nothing else. */
  clear(): Promise<void>;
  /** Lets go of what the store made itself; a client passed in stays the caller's. */
  close(): Promise<void>;
}
