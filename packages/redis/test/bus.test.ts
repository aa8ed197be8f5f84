import type { Bus, Invalidation } from '@kvasir/core';
import { busConformance } from '@kvasir/core/conformance';
import { findOwnRedis, findRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { redisBus } from '../src/index.ts';
import { openClient, RUN } from './support/server.ts';

const server = await findRedis();
const own = await findOwnRedis();
afterAll(() => Promise.all([server?.stop(), own?.stop()]));

const CLEAR: Invalidation = { sender: 'test', kind: 'clear' };

interface Ear {
  heard: number;
  gaps: number;
}

async function listen(bus: Bus): Promise<Ear> {
  const ear = { heard: 0, gaps: 0 };
  onTestFinished(() => bus.close());
  await bus.subscribe(
    () => {
      ear.heard += 1;
    },
    () => {
      ear.gaps += 1;
    },
  );
  return ear;
}

test.each([
  [{ client: {} }, /redisBus\(\) client/],
  [{ client: new Redis({ lazyConnect: true }), channel: '' }, /redisBus\(\) channel/],
  [{ client: new Redis({ lazyConnect: true }), prefix: '' }, /redisBus\(\) prefix/],
])('refuses the options %#', (options, message) => {
  expect(() => redisBus(options as never)).toThrow(message);
});

describe('redisBus', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }
  let cases = 0;

  for (const { name, check } of busConformance(async () => {
    const channel = `${RUN}bus:${cases++}`;
    const connectionName = channel;
    const clients = [
      openClient(server, { connectionName }),
      openClient(server, { connectionName, keyPrefix: 'mine:', enableOfflineQueue: false }),
    ] as const;
    const ends = [redisBus({ client: clients[0], channel }), redisBus({ client: clients[1], channel })] as const;
    return {
      ends,
      interrupt: () => killListeners(clients[0], connectionName),
      dispose: async () => void (await Promise.all(ends.map((end) => end.close()))),
    };
  })) {
    test(name, check);
  }

  test('tells of a gap when a number is missing, and when a frame cannot be read', async () => {
    const client = openClient(server);
    const channel = `${RUN}bus:raw`;
    const ear = await listen(redisBus({ client, channel }));
    await until('the subscription is live', () => ear.gaps === 1);
    for (const sequence of [1, 2])
      await client.publish(channel, JSON.stringify({ v: 1, from: 'a', sequence, message: CLEAR }));
    await until('both arrive', () => ear.heard === 2);
    expect(ear.gaps).toBe(1);
    await client.publish(channel, JSON.stringify({ v: 1, from: 'a', sequence: 4, message: CLEAR }));
    await until('the gap is told', () => ear.gaps === 2);
    expect(ear.heard).toBe(3);
    await client.publish(channel, 'garbage');
    await until('the garbage is told', () => ear.gaps === 3);
    await client.publish(channel, JSON.stringify({ v: 1, from: 'a', sequence: 5 }));
    await until('what the sender lost is told', () => ear.gaps === 4);
  });

  test('refuses to be used after it was closed', async () => {
    const bus = redisBus({ client: openClient(server), channel: `${RUN}bus:closed` });
    await bus.close();
    await bus.close();
    await expect(bus.publish(CLEAR)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(
      bus.subscribe(
        () => {},
        () => {},
      ),
    ).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('closes the connection that it made, and leaves the client as it was', async () => {
    const client = openClient(server);
    const options = JSON.stringify(client.options);
    const channel = `${RUN}bus:closing`;
    const bus = redisBus({ client, channel });
    const ear = await listen(bus);
    await until('the subscription is live', () => ear.gaps === 1);
    expect(await client.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    await bus.close();
    await until('nobody listens', async () => ((await client.pubsub('NUMSUB', channel)) as unknown[])[1] === 0);
    expect(client.status).toBe('ready');
    expect(client.listenerCount('ready')).toBe(0);
    expect(JSON.stringify(client.options)).toBe(options);
  });
});

describe('redisBus when its server fails', () => {
  if (own === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('subscribes at once without a server, and tells of a gap when there is one', async () => {
    await own.kill();
    const ear = await listen(redisBus({ client: openClient(own, { retryStrategy: () => 50 }) }));
    expect(ear.gaps).toBe(0);
    await own.restart();
    await until('the gap is told', () => ear.gaps > 0);
  });

  test('tells of the loss and of the return', async () => {
    const client = openClient(own, { retryStrategy: () => 50 });
    const bus = redisBus({ client });
    const ear = await listen(bus);
    await until('the subscription is live', () => ear.gaps === 1);
    await own.kill();
    await until('the loss is told', () => ear.gaps === 2);
    await own.restart();
    await until('the return is told', () => ear.gaps >= 3);
    await until('messages arrive', async () => {
      await bus.publish(CLEAR).catch(() => {});
      return ear.heard > 0;
    });
  });

  test('tells the others what it could not publish, as soon as it can', async () => {
    const client = openClient(own, { retryStrategy: () => 50 });
    const bus = redisBus({ client, channel: 'debt' });
    const ear = await listen(redisBus({ client: openClient(own), channel: 'debt' }));
    await until('the subscription is live', () => ear.gaps === 1);
    await bus.publish(CLEAR);
    await until('a first message', () => ear.heard === 1);
    client.disconnect(true);
    await until('the client has noticed', () => client.status !== 'ready');
    await expect(bus.publish(CLEAR)).rejects.toMatchObject({ code: 'BUS_FAILED' });
    await until('the gap is told', () => ear.gaps === 2);
    expect(ear.heard).toBe(1);
  });

  test('tells the others also when it was no lost connection that kept it from publishing', async () => {
    const owner = openClient(own);
    await owner.call('ACL', 'SETUSER', 'mute', 'on', 'nopass', '~*', '&*', '+@all', '-publish');
    const bus = redisBus({ client: openClient(own, { username: 'mute', password: 'any' }), channel: 'mute' });
    onTestFinished(() => bus.close());
    const ear = await listen(redisBus({ client: owner, channel: 'mute' }));
    await until('the subscription is live', () => ear.gaps === 1);
    await expect(bus.publish(CLEAR)).rejects.toMatchObject({ code: 'BUS_FAILED' });
    await owner.call('ACL', 'SETUSER', 'mute', '+publish');
    await until('the gap is told', () => ear.gaps === 2);
  });

  test('tells of a gap when the server has fallen silent, and recovers when it speaks again', async () => {
    const bus = redisBus({ client: openClient(own) });
    const ear = await listen(bus);
    await until('the subscription is live', () => ear.gaps === 1);
    own.pause();
    await until('the silence is told', () => ear.gaps === 2);
    own.resume();
    await until('the return is told', () => ear.gaps >= 3);
    await until('messages arrive', async () => {
      await bus.publish(CLEAR);
      return ear.heard > 0;
    });
  });
});

/** Cuts the connections of this name that listen; the server may be somebody's own. */
async function killListeners(client: Redis, connectionName: string): Promise<void> {
  const list = (await client.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) as string;
  const lines = list.split('\n').filter((line) => line.includes(` name=${connectionName} `));
  expect(lines).not.toHaveLength(0);
  for (const line of lines) await client.client('KILL', 'ID', /\bid=(\d+)/.exec(line)?.[1] ?? '');
}
