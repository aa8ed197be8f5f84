import { bytes, createCache } from '@kvasir/core';
import { startRedis } from '@kvasir/core/testing';
import { redis } from '@kvasir/redis';
import { Redis } from 'ioredis';
import type { Bench, Contender } from '../shared/bench.ts';
import { cpuMicros } from '../shared/cpu.ts';
import { makeKeys } from '../shared/keys.ts';

interface Remote {
  get(key: string): Promise<Uint8Array | null | undefined>;
  set(key: string, value: Uint8Array): Promise<unknown>;
}

const KEYS = makeKeys(1000);
const SIZES = { '200 B': 200, '20 KB': 20 * 1024 } as const;
const FOR_MS = 250;

/** A client of its own and a server of its own, so that nobody waits for another's replies. */
async function contend(make: (client: Redis) => Remote): Promise<Contender> {
  const server = await startRedis();
  const client = new Redis(server.port, server.host);
  const remote = make(client);
  for (const [prefix, size] of Object.entries(SIZES))
    for (const key of KEYS) await remote.set(`${prefix}${key}`, new Uint8Array(size).fill(97));

  /** `inFlight` loops that each await one get after another, until the time is over. */
  async function load(prefix: string, inFlight: number): Promise<number> {
    const end = performance.now() + FOR_MS;
    let done = 0;
    const loop = async (first: number): Promise<void> => {
      for (let at = first; performance.now() < end; at += 1, done += 1) {
        const value = await remote.get(`${prefix}${KEYS[at % KEYS.length]}`);
        if (value?.length !== SIZES[prefix as keyof typeof SIZES]) throw new Error('A get was no hit');
      }
    };
    await Promise.all(Array.from({ length: inFlight }, (_, i) => loop(i * 7)));
    return done;
  }

  return {
    async measure(scenario) {
      const [prefix = '', inFlight] = scenario.split(', ');
      const cpu = cpuMicros();
      const start = performance.now();
      const done = await load(prefix, Number.parseInt(inFlight ?? '1', 10));
      const seconds = (performance.now() - start) / 1000;
      return { 'µs CPU': (cpuMicros() - cpu) / done, 'gets/s': done / seconds };
    },
    async close() {
      client.disconnect();
      await server.stop();
    },
  };
}

function startClient(client: Redis): Remote {
  return { get: (key) => client.getBuffer(key), set: (key, value) => client.set(key, Buffer.from(value)) };
}

function startTier(client: Redis): Remote {
  const store = redis({ client });
  return {
    get: async (key) => (await store.getMany([key]))[0],
    set: (key, value) => store.setMany([{ key, bytes: value, ttlMs: 3_600_000 }]),
  };
}

/** With all that a cache adds: envelope, checksum, instants, breaker, deadline. */
function startNamespace(client: Redis): Remote {
  return createCache({ tiers: [redis({ client })], ttl: '1h', remoteDeadline: '5s' }).namespace('bench', {
    codec: bytes,
  });
}

export const bench: Bench = {
  title: 'A get from Redis',
  about:
    'Gets of keys that are there, a number of them in flight at any time, over one ioredis connection on 127.0.0.1. CPU is that of the asking process. ' +
    'The tier is asked for one key a call; namespace.get is the whole cache with Redis as its only tier.',
  scenarios: ['200 B, 1 in flight', '200 B, 64 in flight', '200 B, 512 in flight', '20 KB, 64 in flight'],
  contenders: {
    'ioredis getBuffer': () => contend(startClient),
    'kvasir redis() getMany': () => contend(startTier),
    'kvasir namespace.get': () => contend(startNamespace),
  },
  packages: ['ioredis'],
};
