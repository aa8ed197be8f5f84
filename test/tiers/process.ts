import { type Bus, type Cache, type CacheEvent, type CacheOptions, createCache } from '@kvasir/core';
import { type RedisServer, until } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { redis, redisBus, redisLeases } from '@kvasir/redis';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';

/** A cache as one process of several has it: its own client, local tier, bus and leases. Ends with the test. */
export interface Process {
  readonly cache: Cache;
  readonly client: Redis;
  /** What happened so far. */
  readonly events: CacheEvent[];
  /** Gaps that its bus has told of. */
  readonly gaps: number;
  /** Messages that its bus has heard. */
  readonly heard: number;
  count(type: CacheEvent['type']): number;
  /** Resolves when its client and its bus are connected. */
  connected(): Promise<void>;
}

export interface ProcessOptions extends Partial<CacheOptions> {
  /** Processes of one application share it; also names their connections. */
  readonly prefix: string;
}

export function openProcess(server: RedisServer, { prefix, ...options }: ProcessOptions): Process {
  const client = new Redis(server.url, { retryStrategy: () => 50, connectionName: prefix });
  client.on('error', () => {});
  const counts = { gaps: 0, heard: 0 };
  const events: CacheEvent[] = [];
  const cache = createCache({
    tiers: [memory(), redis({ client, prefix })],
    bus: counted(redisBus({ client, channel: prefix }), counts),
    leases: redisLeases({ client, prefix }),
    // A test machine may be busy: what is about sharing is not to fail for a deadline.
    remoteDeadline: '5s',
    refreshAhead: 0,
    ...options,
  });
  cache.on((event) => events.push(event));
  onTestFinished(async () => {
    // A server that is somebody's own is left as it was.
    if (server.pid === undefined) await cache.clear();
    await cache.close();
    client.disconnect();
  });
  return {
    cache,
    client,
    events,
    get gaps() {
      return counts.gaps;
    },
    get heard() {
      return counts.heard;
    },
    count: (type) => events.filter((event) => event.type === type).length,
    async connected() {
      await until('the client and the bus are connected', () => client.status === 'ready' && counts.gaps > 0);
    },
  };
}

function counted(bus: Bus, counts: { gaps: number; heard: number }): Bus {
  return {
    ...bus,
    subscribe: (on, onGap) =>
      bus.subscribe(
        (message) => {
          on(message);
          counts.heard += 1;
        },
        () => {
          onGap();
          counts.gaps += 1;
        },
      ),
  };
}

/** Cuts the connections of the processes with this prefix that listen to the bus; the server may be somebody's own. */
export async function killListeners(client: Redis, prefix: string): Promise<number> {
  const list = (await client.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) as string;
  const lines = list.split('\n').filter((line) => line.includes(` name=${prefix} `));
  for (const line of lines) await client.client('KILL', 'ID', /\bid=(\d+)/.exec(line)?.[1] ?? '');
  return lines.length;
}
