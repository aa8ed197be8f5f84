import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkKnown, type Leases } from '@kvasir/core';
import { checkClient, checkPrefix, LEASE_MARK, type RedisClient } from './client.ts';
import { DEFAULTS } from './defaults.ts';
import { reach } from './reach.ts';

export interface RedisLeasesOptions {
  /** An ioredis client or cluster, which stays the caller's. */
  readonly client: RedisClient;
  /** As for `redis()`. Default 'kvasir:'. */
  readonly prefix?: string;
}

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** Waiters look again after this long at first, and up to the second: what a load that took so long gains by sharing. */
const FIRST_LOOK_MS = 10;
const MAX_LOOK_MS = 50;

/**
 * Leases as keys `<prefix>!<key>` that lapse by themselves. They save loads; they are no locks: a server that fails over may give one twice.
 * All calls reject with LEASE_FAILED when Redis cannot answer, but `settled`, which then resolves: who waits should load.
 */
export function redisLeases(options: RedisLeasesOptions): Leases {
  checkKnown('redisLeases()', options, ['client', 'prefix']);
  const { client, prefix = DEFAULTS.prefix } = options;
  checkClient('redisLeases() client', client);
  checkPrefix('redisLeases() prefix', prefix);
  const run = reach(client, 'LEASE_FAILED');
  const waiting = new Set<AbortController>();
  const nameOf = (key: string): string => `${prefix}${LEASE_MARK}${key}`;

  async function isHeld(key: string): Promise<boolean> {
    try {
      // Text in a client with `stringNumbers`.
      return Number(await run('EXISTS', () => client.exists(nameOf(key)))) === 1;
    } catch {
      return false;
    }
  }

  async function pollUntilGone(key: string, signal: AbortSignal): Promise<void> {
    for (
      let pause = FIRST_LOOK_MS;
      !signal.aborted && (await isHeld(key));
      pause = Math.min(pause * 1.5, MAX_LOOK_MS)
    ) {
      await rest(pause, signal);
    }
  }

  return {
    async acquire(key, ttlMs) {
      const token = randomBytes(12).toString('base64url');
      const reply = await run('SET', () => client.set(nameOf(key), token, 'PX', Math.max(1, Math.ceil(ttlMs)), 'NX'));
      return reply === 'OK' ? { key, token } : undefined;
    },
    async release(lease) {
      await run('EVAL', () => client.eval(RELEASE, 1, nameOf(lease.key), lease.token));
    },
    async settled(key, timeoutMs) {
      const wait = new AbortController();
      waiting.add(wait);
      await Promise.race([pollUntilGone(key, wait.signal), rest(timeoutMs, wait.signal)]);
      wait.abort();
      waiting.delete(wait);
    },
    async close() {
      for (const wait of waiting) wait.abort();
    },
  };
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects when aborted, which is a wake-up here.
  await sleep(Math.min(ms, 0x7fffffff), undefined, { ref: false, signal }).catch(() => {});
}
