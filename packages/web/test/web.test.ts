import { describe, expect, it } from 'vitest';
import { EXPRESSES, startSite } from './support/site.ts';

describe.each(EXPRESSES)('web() on %s', (_name, express) => {
  it('answers the second request from the first answer', async () => {
    let runs = 0;
    const { ask, clock } = await startSite(
      (app) =>
        app.get('/', (_req, res) => {
          res.set('Cache-Control', 'max-age=60').send(`page ${++runs}`);
        }),
      { express },
    );
    const cold = await ask('/');
    expect(cold.text).toBe('page 1');
    expect(cold.cache).toBe('kvasir; fwd=uri-miss; fwd-status=200; stored');
    await clock.advance(10_000);
    const warm = await ask('/');
    expect(warm.text).toBe('page 1');
    expect(warm.cache).toBe('kvasir; hit; ttl=50');
    expect(warm.headers.age).toBe('10');
    expect(warm.headers['content-type']).toBe(cold.headers['content-type']);
    expect(warm.headers.etag).toBe(cold.headers.etag);
    await clock.advance(50_000);
    expect((await ask('/')).text).toBe('page 2');
  });
});
