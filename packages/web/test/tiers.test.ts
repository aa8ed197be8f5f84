import { createCache } from '@kvasir/core';
import { failingStore, ManualClock, memoryRemote } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { describe, expect, it } from 'vitest';
import { startSite } from './support/site.ts';

function start() {
  const clock = new ManualClock();
  const remote = failingStore(memoryRemote({ clock }), { clock });
  const site = async (local = true) => {
    const cache = createCache({ tiers: local ? [memory({ clock }), remote] : [remote], clock });
    let runs = 0;
    return startSite(
      (app) => {
        app.get('/', (req, res) => {
          const body = Buffer.from([0, 255, ...Buffer.from(`run ${++runs} ${req.get('accept-language') ?? ''}`)]);
          res.set({ 'Cache-Control': 'max-age=60', Vary: 'Accept-Language', 'X-Own': 'ä' }).type('bin').send(body);
        });
        app.post('/', (_req, res) => void res.end());
      },
      { cache, clock },
    );
  };
  return { clock, remote, site };
}

describe('web() over a remote tier', () => {
  it('serves in one process what another has stored, byte for byte, variants too', async () => {
    const { site, clock } = start();
    const one = await site();
    const two = await site(false);
    const headers = { host: 'news.example' };
    for (const language of ['de', 'en']) {
      const cold = await one.ask('/', { headers: { ...headers, 'accept-language': language } });
      await clock.advance(1000);
      const warm = await two.ask('/', { headers: { ...headers, 'accept-language': language } });
      expect(warm.body).toEqual(cold.body);
      expect(warm.cache).toBe('kvasir; hit; ttl=59');
      expect(warm.headers).toMatchObject({ 'x-own': 'ä', age: '1', etag: cold.headers.etag });
    }
  });

  it('serves in no process what was invalidated in another, once stamps are asked for again', async () => {
    const { site, clock } = start();
    const [one, two] = [await site(), await site()];
    const headers = { host: 'news.example' };
    await one.ask('/', { headers });
    await two.ask('/', { headers });
    await one.ask('/', { method: 'POST', headers });
    await clock.advance(1001);
    expect((await two.ask('/', { headers })).cache).toContain('fwd=');
  });

  it.each([
    ['fails', { error: new Error('down') }],
    ['garbles what it has', { corrupt: () => Uint8Array.from([1, 2, 3]) }],
  ])('answers 200 and never a cache error when the tier %s', async (_how, faults) => {
    const { site, remote } = start();
    const { ask } = await site(false);
    await ask('/');
    remote.fail(faults);
    for (let request = 0; request < 5; request++) {
      const answer = await ask('/');
      expect([answer.status, answer.body.subarray(2, 5).toString()]).toEqual([200, 'run']);
    }
    expect((await ask('/', { method: 'POST' })).status).toBe(200);
    remote.heal();
  });

  it('still runs the handler once for many when the tier is down', async () => {
    const { clock, remote } = start();
    remote.fail({ error: new Error('down') });
    let runs = 0;
    const { ask, arrived } = await startSite(
      (app) =>
        app.get('/', async (_req, res) => {
          runs++;
          await arrived(30);
          res.set('Cache-Control', 'max-age=60').send('x');
        }),
      { clock, cache: createCache({ tiers: [remote], clock }) },
    );
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('/')));
    expect(answers.map(({ text }) => text)).toEqual(answers.map(() => 'x'));
    expect(runs).toBe(1);
  });

  it('answers when the tier hangs, after its deadline', async () => {
    const { site, remote, clock } = start();
    const { ask } = await site(false);
    remote.fail({ hang: true });
    let answered = false;
    const answer = ask('/').then((given) => {
      answered = true;
      return given;
    });
    while (!answered) await clock.advance(50);
    expect((await answer).status).toBe(200);
    remote.release();
  });
});
