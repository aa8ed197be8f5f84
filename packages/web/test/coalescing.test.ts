import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import { startSite } from './support/site.ts';

const A = { cookie: 'session=a' };
const who = (req: Request): string => req.get('cookie') ?? req.get('authorization') ?? 'nobody';

describe('those who wait for one load', () => {
  it('get nothing of a private answer, and run the handler all at once', async () => {
    let runs = 0;
    let allRun: () => void = () => {};
    const everyone = new Promise<void>((resolve) => {
      allRun = resolve;
    });
    const { ask, arrived } = await startSite((app) =>
      app.get('/', async (req, res) => {
        // One after another they would wait here for ever.
        if (++runs === 1) await arrived(50);
        else if (runs === 50) allRun();
        else await everyone;
        res.set('Cache-Control', 'private').send(req.get('x-user'));
      }),
    );
    const users = Array.from({ length: 50 }, (_, index) => `user ${index}`);
    const answers = await Promise.all(users.map((user) => ask('/', { headers: { 'x-user': user } })));
    expect(answers.map(({ text }) => text)).toEqual(users);
    const again = await ask('/', { headers: { 'x-user': 'late' } });
    expect(again.cache).toBe('kvasir; fwd=uri-miss; fwd-status=200; detail=hit-for-miss:private');
  });

  it('go as soon as the head says private, though the body is endless', async () => {
    let end: () => void = () => {};
    const { ask, arrived } = await startSite((app) =>
      app.get('/', async (req, res) => {
        res.set('Cache-Control', 'private');
        if (req.get('x-user') !== 'first') return void res.send('own');
        await arrived(4);
        res.write('endless');
        end = () => res.end();
      }),
    );
    const first = ask('/', { headers: { 'x-user': 'first' } });
    await arrived(1);
    const others = await Promise.all([1, 2, 3].map(() => ask('/')));
    expect(others.map(({ text }) => text)).toEqual(['own', 'own', 'own']);
    end();
    expect((await first).text).toBe('endless');
  });

  it('get their own variant', async () => {
    const { ask, arrived } = await startSite((app) =>
      app.get('/', async (req, res) => {
        await arrived(60);
        res
          .vary('Accept-Language')
          .set('Cache-Control', 'max-age=60')
          .send(`in ${req.get('accept-language')}`);
      }),
    );
    const languages = Array.from({ length: 60 }, (_, index) => ['de', 'en', 'fr'][index % 3] ?? '');
    const answers = await Promise.all(
      languages.map((language) => ask('/', { headers: { 'accept-language': language } })),
    );
    expect(answers.map(({ text }) => text)).toEqual(languages.map((language) => `in ${language}`));
    expect(answers.filter(({ cache }) => cache.endsWith('stored'))).toHaveLength(3);
  });

  it('are not held up by one with credentials', async () => {
    let runs = 0;
    const { ask, arrived } = await startSite((app) =>
      app.get('/', async (req, res) => {
        runs++;
        await arrived(21);
        res.set('Cache-Control', 'max-age=60').send(who(req));
      }),
    );
    const mine = ask('/', { headers: A });
    await arrived(1);
    const others = await Promise.all(Array.from({ length: 20 }, () => ask('/')));
    expect((await mine).text).toBe('session=a');
    expect(new Set(others.map(({ text }) => text))).toEqual(new Set(['nobody']));
    expect(runs).toBe(2);
  });
});
