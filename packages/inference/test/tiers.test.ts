import { type Cache, createCache } from '@kvasir/core';
import { type Faults, failingStore, memoryRemote } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { inference } from '../src/index.ts';
import { createModel, type Model } from './support/model.ts';
import { listen, post } from './support/server.ts';

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Grüße 👋' }], stream: true };
const HEADERS = { authorization: 'Bearer sk-very-secret' };

async function serve(cache: Cache, model: Model): Promise<() => Promise<Response>> {
  const app = express();
  app.use(inference({ cache }), express.json(), model.handler);
  const { url } = await listen(app);
  return () => post(`${url}/v1/chat/completions`, ASK, { headers: HEADERS });
}

describe('over a remote tier', () => {
  it('processes share answers, byte for byte', async () => {
    const remote = memoryRemote();
    const model = createModel();
    const [one, other] = await Promise.all(
      [1, 2].map(() => serve(createCache({ tiers: [memory(), remote], remoteDeadline: '10s' }), model)),
    );
    const cold = await (await one?.())?.text();
    const warm = await other?.();
    expect(await warm?.text()).toBe(cold);
    expect(model.calls).toHaveLength(1);
  });

  it('nothing that is kept or told holds a credential', async () => {
    const seen: string[] = [];
    const remote = memoryRemote();
    const recording = {
      ...remote,
      setMany: (writes: Parameters<typeof remote.setMany>[0]) => {
        for (const { key, bytes } of writes) seen.push(key, Buffer.from(bytes).toString('latin1'));
        return remote.setMany(writes);
      },
    };
    const cache = createCache({ tiers: [recording], remoteDeadline: '10s' });
    cache.on((event) => seen.push(JSON.stringify(event)));
    const ask = await serve(cache, createModel());
    for (let count = 0; count < 2; count++) await (await ask()).text();
    await cache.close();
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.filter((text) => /secret|Bearer/.test(text))).toEqual([]);
  });

  it.each<[string, Faults]>([
    ['refuses', { error: new Error('connection refused') }],
    ['hangs', { hang: true }],
    [
      'garbles what it has',
      { corrupt: (bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)) },
    ],
    ['mixes up replies', { swapReplies: true }],
    ['loses writes', { dropWrites: true }],
  ])('that %s, requests are answered by the model', async (_title, faults) => {
    const model = createModel();
    const healthy = await (await (await serve(createCache({ tiers: [memory()] }), model))()).text();
    const store = failingStore(memoryRemote(), { faults });
    const ask = await serve(createCache({ tiers: [store], remoteDeadline: '5ms' }), model);
    for (let count = 0; count < 3; count++) {
      const response = await ask();
      expect([response.status, await response.text()]).toEqual([200, healthy]);
    }
    store.release();
  });
});
