import { checkKnown, parseSize, type RemoteStore, type RemoteWrite, type Size } from '@kvasir/core';
import { clearPrefix } from './clear.ts';
import { checkClient, checkPrefix, KEY_MARK, type RedisClient } from './client.ts';
import { DEFAULTS } from './defaults.ts';
import { reach } from './reach.ts';

export interface RedisOptions {
  /** An ioredis client or cluster. Stays the caller's: it is never closed, and its `error` events are the caller's to hear. */
  readonly client: RedisClient;
  /** Before every key; at most 128 characters without `|` and `!`. Caches with different prefixes never touch each other. Default 'kvasir:'. */
  readonly prefix?: string;
  /** Larger values are not written. Default '32MB'. */
  readonly maxValueBytes?: Size;
}

/** Keys of one MGET or UNLINK, writes of one pipeline: some hundred µs of a server that does one thing at a time. */
const BATCH_KEYS = 500;
/** Bytes of one pipeline, which ioredis copies into one buffer. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** A remote tier in Redis or Valkey, under `<prefix>|<key>`. */
export function redis(options: RedisOptions): RemoteStore {
  checkKnown('redis()', options, ['client', 'prefix', 'maxValueBytes']);
  const { client, prefix = DEFAULTS.prefix } = options;
  checkClient('redis() client', client);
  checkPrefix('redis() prefix', prefix);
  const maxValueBytes = parseSize('redis() maxValueBytes', options.maxValueBytes ?? DEFAULTS.maxValueBytes);
  const run = reach(client, 'REMOTE_FAILED');
  const nameOf = (key: string): string => `${prefix}${KEY_MARK}${key}`;

  async function get(names: string[]): Promise<(Buffer | null)[]> {
    // The keys of a cluster live on many nodes: one command a key, which ioredis sends where it belongs.
    if (client.isCluster) return Promise.all(names.map((name) => client.getBuffer(name)));
    const replies = await client.mgetBuffer(names);
    if (replies.length !== names.length) throw new Error(`${replies.length} replies to ${names.length} keys`);
    return replies;
  }

  async function set(writes: readonly RemoteWrite[]): Promise<void> {
    if (client.isCluster || writes.length === 1) {
      await Promise.all(
        writes.map(({ key, bytes, ttlMs }) => {
          const value = asBuffer(bytes);
          return ttlMs === Infinity
            ? client.set(nameOf(key), value)
            : client.set(nameOf(key), value, 'PX', wholeMs(ttlMs));
        }),
      );
      return;
    }
    const pipeline = client.pipeline();
    for (const { key, bytes, ttlMs } of writes) {
      if (ttlMs === Infinity) pipeline.set(nameOf(key), asBuffer(bytes));
      else pipeline.set(nameOf(key), asBuffer(bytes), 'PX', wholeMs(ttlMs));
    }
    const replies = (await pipeline.exec()) ?? [];
    const failed = replies.find(([error]) => error !== null);
    if (failed !== undefined) throw failed[0];
    if (replies.length !== writes.length) throw new Error(`${replies.length} replies to ${writes.length} writes`);
  }

  async function unlink(names: string[]): Promise<void> {
    if (client.isCluster) await Promise.all(names.map((name) => client.unlink(name)));
    else await client.unlink(...names);
  }

  return {
    kind: 'remote',
    name: 'redis',
    capabilities: { ttl: true, range: false, compareAndSet: false, maxValueBytes },
    async getMany(keys) {
      const batches = cut(keys.map(nameOf), () => 0);
      const replies = await Promise.all(batches.map((names) => run('GET', () => get(names))));
      return replies.flat().map((reply) => reply ?? undefined);
    },
    async setMany(writes) {
      for (const batch of cut(writes, ({ bytes }) => bytes.byteLength)) await run('SET', () => set(batch));
    },
    async deleteMany(keys) {
      for (const names of cut(keys.map(nameOf), () => 0)) await run('UNLINK', () => unlink(names));
    },
    async clear() {
      await run('SCAN', () => clearPrefix(client, `${prefix}${KEY_MARK}`, unlink));
    },
    async close() {},
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** PX takes whole numbers only. */
function wholeMs(ttlMs: number): number {
  return Math.min(Math.ceil(ttlMs), Number.MAX_SAFE_INTEGER);
}

function cut<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (batch.length > 0 && (batch.length === BATCH_KEYS || bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
