import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import { startSite, turns } from './support/site.ts';

const A = { cookie: 'session=a' };
const who = (req: Request): string => req.get('cookie') ?? req.get('authorization') ?? 'nobody';

describe('those who wait for one load', () => {
  it('gives nobody the private answer of the first, and does not make them queue', async () => {
    let running = 0;
    let most = 0;
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        most = Math.max(most, ++running);
        void turns(30).then(() => {
          running--;
          res.set('Cache-Control', 'private').send(req.get('x-user'));
        });
      }),
    );
    const users = Array.from({ length: 50 }, (_, index) => `user ${index}`);
    const answers = await Promise.all(users.map((user) => ask('/', { headers: { 'x-user': user } })));
    expect(answers.map(({ text }) => text)).toEqual(users);
    expect(most).toBeGreaterThan(40);
    const again = await ask('/', { headers: { 'x-user': 'late' } });
    expect(again.cache).toBe('kvasir; fwd=uri-miss; fwd-status=200; detail=hit-for-miss:private');
  });

  it('lets them go as soon as the head says private, though the body is endless', async () => {
    let end: () => void = () => {};
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        if (req.get('x-user') !== 'first') return void res.set('Cache-Control', 'private').send('own');
        res.set('Cache-Control', 'private');
        void turns(20).then(() => res.write('endless'));
        end = () => res.end();
      }),
    );
    const first = ask('/', { headers: { 'x-user': 'first' } });
    await turns();
    const others = await Promise.all([1, 2, 3].map(() => ask('/')));
    expect(others.map(({ text }) => text)).toEqual(['own', 'own', 'own']);
    end();
    expect((await first).text).toBe('endless');
  });

  it('gives nobody the variant of another', async () => {
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        const language = req.get('accept-language');
        void turns(20).then(() =>
          res.vary('Accept-Language').set('Cache-Control', 'max-age=60').send(`in ${language}`),
        );
      }),
    );
    const languages = Array.from({ length: 60 }, (_, index) => ['de', 'en', 'fr'][index % 3] ?? '');
    const answers = await Promise.all(
      languages.map((language) => ask('/', { headers: { 'accept-language': language } })),
    );
    expect(answers.map(({ text }) => text)).toEqual(languages.map((language) => `in ${language}`));
  });

  it('does not let those with credentials hold up those without', async () => {
    let runs = 0;
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        runs++;
        void turns(20).then(() => res.set('Cache-Control', 'max-age=60').send(who(req)));
      }),
    );
    const [mine, ...others] = await Promise.all([
      ask('/', { headers: A }),
      ...Array.from({ length: 20 }, () => ask('/')),
    ]);
    expect(mine?.text).toBe('session=a');
    expect(new Set(others.map(({ text }) => text))).toEqual(new Set(['nobody']));
    expect(runs).toBe(2);
  });
});
