import { type Clock, systemClock } from '../clock.ts';
import type { RemoteStore } from '../store.ts';

export interface MemoryRemoteOptions {
  readonly clock?: Clock;
  /** Default 'memory-remote'. */
  readonly name?: string;
  /** Bytes. Default Infinity. */
  readonly maxValueBytes?: number;
}

export interface MemoryRemote extends RemoteStore {
  /** What has not expired, in order of first writing. */
  keys(): string[];
}

interface Held {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

/** A remote store that behaves like a real one, for tests: asynchronous, copies bytes in and out, forgets by `clock`. May be shared by caches. */
export function memoryRemote(options: MemoryRemoteOptions = {}): MemoryRemote {
  const { clock = systemClock, name = 'memory-remote', maxValueBytes = Infinity } = options;
  const held = new Map<string, Held>();

  function read(key: string): Uint8Array | undefined {
    const found = held.get(key);
    if (found === undefined) return undefined;
    if (clock.now() < found.expiresAt) return Uint8Array.from(found.bytes);
    held.delete(key);
    return undefined;
  }

  return {
    kind: 'remote',
    name,
    capabilities: { ttl: true, range: false, compareAndSet: false, maxValueBytes },
    async getMany(keys) {
      return keys.map(read);
    },
    async setMany(writes) {
      for (const { key, bytes, ttlMs } of writes) {
        held.set(key, { bytes: Uint8Array.from(bytes), expiresAt: clock.now() + ttlMs });
      }
    },
    async deleteMany(keys) {
      for (const key of keys) held.delete(key);
    },
    async clear() {
      held.clear();
    },
    async close() {},
    keys: () => [...held.keys()].filter((key) => read(key) !== undefined),
  };
}
